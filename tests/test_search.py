"""Search through its public door: the real cases, and small ones made up for a point."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases import Case, Fact, Place, Practice, ResidentFace, WorkerFace
from bot.find import SURE
from bot.fold import Synonyms, fold
from bot.knowledge import Knowledge, Library
from bot.search import Hit
from bot.search.rank import CaseSearch
from bot.search.tokens import spelled


@pytest.fixture(scope="module")
def knowledge(library: Library) -> Knowledge:
    return library.current


def find(knowledge: Knowledge, question: str, **options: object) -> list[Hit]:
    return knowledge.matcher.find(fold(question), **options)  # type: ignore[arg-type]


def first(knowledge: Knowledge, question: str) -> str:
    return find(knowledge, question)[0].case.id


CONFUSABLE = [
    ("三湘世纪花城那块荒地后来怎么样了", "wjc-sanxiang"),
    ("三湘四季花城的业委会怎么选的", "sj-sanxiangsiji"),
    ("蓝天二村停车怎么收费", "sj-lantianercun"),
    ("蓝天居民区的驿站在哪里", "wjc-lantian"),
    ("四平一的楼道怎么清的", "wjc-sipingyi"),
    ("四平居民区的彩虹花园谁在养护", "wjc-siping"),
    ("国定支路的食堂怎么样", "wjc-guodingzhi"),
    ("国定一小朋友上学路上谁护送", "wjc-guodingyi"),
]


@pytest.mark.parametrize(("question", "case"), CONFUSABLE)
def test_it_tells_places_with_similar_names_apart(knowledge: Knowledge, question: str, case: str) -> None:
    assert first(knowledge, question) == case


@pytest.mark.parametrize(
    "question", ["复旦大学录取分数线", "四平路到人民广场坐几路", "五一放假几天", "国权路地铁站末班车"]
)
def test_a_road_a_university_or_a_holiday_is_not_the_estate_of_that_name(knowledge: Knowledge, question: str) -> None:
    assert knowledge.matcher.named(fold(question))[0] == []


def test_it_takes_the_name_away_from_what_is_asked(knowledge: Knowledge) -> None:
    named, topic = knowledge.matcher.named("湖畔天地停车")
    assert named == ["sj-hupantiandi"]
    assert topic.strip() == "停车"


SAME = [
    ("长溇村的大米怎么卖", "長漊村的大米怎麼賣"),
    ("飞线充电怎么办", "飞线冲电怎么办"),
    ("东郸4控6用是什么", "东郸四控六用是什么"),
    ("电瓶车上楼充电", "助动车上楼充电"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_it_understands_another_spelling_the_same(knowledge: Knowledge, one: str, other: str) -> None:
    assert first(knowledge, one) == first(knowledge, other)


def test_a_place_typed_by_its_sound_is_found(knowledge: Knowledge) -> None:
    assert first(knowledge, "三相世纪花城的荒地") == "wjc-sanxiang"


OUTSIDE = [
    "停车场收费员招聘",
    "电梯广告投放多少钱",
    "高考志愿怎么填",
    "充电宝借一小时几块钱",
    "红烧肉怎么做",
    "泰晤士小镇拍婚纱照要不要买门票",
]


@pytest.mark.parametrize("question", OUTSIDE)
def test_it_is_not_sure_of_what_no_case_tells(knowledge: Knowledge, question: str) -> None:
    hits = find(knowledge, question)
    assert not hits or hits[0].score < SURE


@pytest.mark.parametrize("question", ["", "。。。", "😀", "x", "a" * 5000, "的" * 300])
def test_noise_is_never_sure(knowledge: Knowledge, question: str) -> None:
    hits = find(knowledge, question)
    assert not hits or hits[0].score < SURE


def test_a_question_for_a_single_fact_gets_the_fact(knowledge: Knowledge) -> None:
    fact = find(knowledge, "喆园几点关门")[0].fact
    assert fact is not None
    assert "17" in fact.answer or "18" in fact.answer or "点" in fact.answer


def test_a_question_for_two_facts_gets_both(knowledge: Knowledge) -> None:
    fact = find(knowledge, "祥东后来新改了多少停车位，充电口装了几个")[0].fact
    assert fact is not None
    assert "1546" in fact.answer
    assert "200" in fact.answer


def test_a_complaint_gets_no_fact_in_front(knowledge: Knowledge) -> None:
    assert find(knowledge, "楼道堆物")[0].fact is None


def test_it_looks_only_in_the_cases_it_is_told(knowledge: Knowledge) -> None:
    hits = find(knowledge, "停车难怎么办", only=["sj-zhuanqiao", "wjc-rende"])
    assert {hit.case.id for hit in hits} <= {"sj-zhuanqiao", "wjc-rende"}
    assert hits


def test_a_case_spoken_of_before_is_preferred(knowledge: Knowledge) -> None:
    assert find(knowledge, "停车怎么收费", near="sj-zhuanqiao")[0].case.id == "sj-zhuanqiao"


def test_hits_come_best_first_and_from_several_cases(knowledge: Knowledge) -> None:
    hits = find(knowledge, "停车难怎么办", limit=12)
    assert len({hit.case.id for hit in hits}) >= 4


def test_every_hit_says_why(knowledge: Knowledge) -> None:
    assert all(hit.why for hit in find(knowledge, "楼上漏水没人管"))


def test_asks_lead_to_their_case(knowledge: Knowledge) -> None:
    asks = [(ask, case.id) for case in knowledge.cases.values() for practice in case.practices for ask in practice.asks]
    some = asks[::40]
    right = sum(first(knowledge, ask) == case for ask, case in some)
    assert right >= 0.97 * len(some)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    CaseSearch([made_case("a", "楼道堆物怎么办")], Synonyms()).find(fold(text))


def test_without_cases_nothing_is_found() -> None:
    assert CaseSearch([], Synonyms()).find("停车") == []


def test_a_new_case_is_found_by_its_own_words() -> None:
    search = CaseSearch([made_case("stairs", "楼道里堆满东西"), made_case("dogs", "遛狗不牵绳吓着孩子")], Synonyms())
    assert search.find("有人遛狗不牵绳")[0].case.id == "dogs"


def test_an_edited_version_is_searched_as_if_it_were_read_for_the_first_time(knowledge: Knowledge) -> None:
    edited = [case for case in knowledge.cases.values() if case.id != "wjc-fudan"] + [made_case("dogs", "遛狗不牵绳")]
    anew = CaseSearch(edited, knowledge.synonyms)
    after = CaseSearch(edited, knowledge.synonyms, knowledge.matcher)
    for question in ("遛狗不牵绳吓着孩子", "加装电梯一楼不同意", "喆园几点关门", "国年的花园谁管"):
        was, now = anew.find(fold(question)), after.find(fold(question))
        assert [hit.choice for hit in was] == [hit.choice for hit in now]
        assert [hit.score for hit in was] == pytest.approx([hit.score for hit in now], abs=0.002)
        assert was[0].fact == now[0].fact


def test_new_synonyms_read_every_case_anew(knowledge: Knowledge) -> None:
    cases = [made_case("bike", "电瓶车乱停"), made_case("lift", "电梯老坏")]
    before = CaseSearch(cases, Synonyms())
    assert CaseSearch(cases, Synonyms([("电瓶车", ["小毛驴"])]), before).find("小毛驴放哪里")[0].case.id == "bike"


def test_a_synonym_is_as_good_as_the_word() -> None:
    cases = [made_case("bike", "电瓶车乱停"), made_case("lift", "电梯老坏")]
    search = CaseSearch(cases, Synonyms([("电瓶车", ["小电驴"])]))
    assert search.find("小电驴放哪里")[0].case.id == "bike"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("4空6用", "四空六用"),
        ("1+3+n", "一加三加n"),
        ("一加三加恩", "一加三加n"),
        ("12个", "十二个"),
        ("2023年", "2023年"),
        ("两次", "二次"),
    ],
)
def test_small_numbers_are_read_in_chinese(typed: str, read: str) -> None:
    assert spelled(typed) == read


def made_case(number: str, ask: str) -> Case:
    """A case of one practice."""
    resident = ResidentFace(answer="先找居委。", done="做了。", advice="说一声。", contact="居委会")
    worker = WorkerFace(answer="先排摸。", steps=("排摸",), parties=(), documents=(), pitfalls=(), results=())
    fact = Fact(asks=(f"{ask}几次",), answer=f"{ask}，一共3次。")
    practice = Practice(
        id="p",
        title=ask,
        topics=(),
        keywords=(ask[:4],),
        asks=(ask,),
        resident=resident,
        worker=worker,
        facts=(fact,),
        gaps=(),
    )
    place = Place(name=f"{number}小区", area="某区", kind="小区", aliases=())
    return Case(id=number, title=ask, place=place, source="某书", practices=(practice,))
