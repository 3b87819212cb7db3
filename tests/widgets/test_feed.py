"""What the feed sends, and how often."""

from __future__ import annotations

import time
from dataclasses import replace

from kubeshark_nb.model import ConsoleLine, Job
from kubeshark_nb.widgets.feed import MOST_LINES, Feed, counted, tail, whole
from kubeshark_nb.widgets.jobs_view import jobs_channel


def line(number: int) -> ConsoleLine:
    return ConsoleLine("log", str(number), number)


def test_whole_sends_only_what_changed():
    values = {"total": 1}
    look = whole(lambda: dict(values))
    seen, news = look(None)
    assert news == {"total": 1}
    assert look(seen)[1] is None
    values["total"] = 2
    assert look(seen)[1] == {"total": 2}


def test_tail_sends_new_lines_with_their_number():
    lines = [line(0), line(1)]
    look = tail(lines)
    seen, _ = look(None)
    lines.append(line(2))
    seen, news = look(seen)
    assert (news["first"], news["total"], [one["text"] for one in news["lines"]]) == (2, 3, ["2"])
    assert look(seen)[1] is None


def test_tail_of_a_burst_is_bounded_and_says_where_it_starts():
    lines = [line(number) for number in range(MOST_LINES * 3)]
    _, news = tail(lines)(None)
    assert len(news["lines"]) == MOST_LINES
    assert news["first"] == MOST_LINES * 2


def test_tail_follows_a_ring_that_forgets_and_a_list_that_is_cleared():
    class Ring(list):
        dropped = 0

    ring = Ring(line(number) for number in range(5))
    look = tail(ring)
    seen, _ = look(None)
    del ring[:2]
    ring.dropped = 2
    ring.append(line(5))
    seen, news = look(seen)
    assert (news["first"], news["total"], news["dropped"], len(news["lines"])) == (5, 6, 2, 1)
    ring.clear()
    ring.dropped = 0
    assert look(seen)[1] == {"first": 0, "total": 0, "dropped": 0, "lines": [], "again": True}


def test_another_order_is_told_as_other_records():
    class Ring(list):
        order = (1, 0)

    ring = Ring([line(0), line(1)])
    look, count = tail(ring), counted(ring)
    (seen, _), (counts, _) = look(None), count(None)
    ring.order = (2, 0)  # another run that brought as many lines
    assert look(seen)[1]["again"]
    assert count(counts)[1] == {"total": 2, "dropped": 0, "order": (2, 0)}


def test_jobs_are_sent_when_they_change_and_the_clock_alone_once_a_second():
    jobs, now = [Job("a", "* * * * *")], [10**9]
    look = jobs_channel(lambda: jobs, lambda: now[0])
    seen, news = look(None)
    assert [job["tag"] for job in news["jobs"]] == ["a"]
    now[0] += 10**8
    seen, news = look(seen)
    assert news is None
    now[0] += 10**9
    seen, news = look(seen)
    assert news == {"now": 2_100_000_000}
    jobs[0] = replace(jobs[0], runs=1)
    assert look(seen)[1]["jobs"][0]["runs"] == 1


def test_a_feed_ends_with_what_it_tells_of():
    ended = []
    feed = Recorded({"items": whole(lambda: len(ended))}, over=lambda: bool(ended))
    time.sleep(0.3)
    ended.append(True)
    feed._polling.join(1)
    assert not feed._polling.is_alive()
    assert feed.sent[-1] == {"items": 1}


class Recorded(Feed):
    """A feed that keeps its messages."""

    def __init__(self, *args, **kwargs):
        self.sent = []
        super().__init__(*args, **kwargs)

    def send(self, content, _buffers=None):
        self.sent.append(content)


def test_at_most_ten_messages_a_second_whatever_changes():
    counter = iter(range(10**9))
    feed = Recorded({"items": whole(lambda: next(counter))})
    time.sleep(0.65)
    feed.close()
    assert 2 <= len(feed.sent) <= 7


def test_a_channel_that_raises_does_not_silence_the_others():
    feed = Recorded({"bad": whole(lambda: 1 / 0), "good": whole(lambda: 1)})
    time.sleep(0.5)
    feed.close()
    assert feed.sent == [{"good": 1}]
    assert feed.faults == {"bad": "ZeroDivisionError: division by zero"}
