"""Tokens of a Chinese text: words, pairs of characters, and pairs of sounds for slips of the keyboard."""

from __future__ import annotations

from functools import lru_cache

import rjieba

from bot.fold import sound

STOP = frozenset(
    "的 了 是 在 有 和 就 都 也 很 吗 呢 啊 呀 吧 嘛 我 你 他 她 它 我们 你们 他们 这 那 这个 那个 一个 怎么 什么 怎么办 "
    "怎样 如何 为什么 可以 能 能不能 要 不要 没有 没 不 会 到 去 来 把 被 给 让 叫 跟 对 从 还 还是 但是 可是 因为 所以 "
    "请问 想 问 一下 知道 哪里 哪 谁 几 多少 时候 办 做 弄 搞 说 讲 看 人 人家 大家 我家 家里 事 事情 东西 地方 小区 社区 "
    "居委 居委会 居民 里 上 下 外 个 些 点 又 再 只 才 最 太 好 老 有没有 是不是 怎么弄 怎么搞 咋 咋办".split()
)
"""Words too common to say what a question is about; their pairs still count a little."""


@lru_cache(maxsize=50_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a folded text that carry meaning."""
    return tuple(word for word in rjieba.cut(text) if len(word) > 1 and word not in STOP)


def pairs(text: str) -> list[str]:
    """Every two neighbouring characters within a run; a number or a Latin word is one token."""
    found: list[str] = []
    for run in text.split():
        previous, latin = "", ""
        for char in run:
            if char.isascii():
                latin += char
                previous = ""
                continue
            if latin:
                found.append(latin)
                latin = ""
            if previous:
                found.append(previous + char)
            previous = char
        if latin:
            found.append(latin)
    return found


def sound_pairs(text: str) -> list[str]:
    """Every two neighbouring syllables within a run."""
    found: list[str] = []
    for run in text.split():
        syllables = [sound(char) for char in run if not char.isascii()]
        found += [f"~{first} {second}" for first, second in zip(syllables, syllables[1:], strict=False)]
    return found
