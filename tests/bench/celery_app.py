"""The same work as a celery task: a POST to one address, acknowledged when it is done."""

from __future__ import annotations

import os
import threading

import requests
from celery import Celery

app = Celery("bench", broker=os.environ["BENCH_BROKER"])
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=4, task_ignore_result=True)
_local = threading.local()


@app.task
def send(address: str) -> None:
    """Post one text to one address."""
    session = _local.__dict__.setdefault("session", requests.Session())
    answer = session.post(
        f"{os.environ['BENCH_API']}/cgi-bin/send", json={"touser": address, "text": "今晚停水"}, timeout=8
    ).json()
    assert answer["errcode"] == 0
