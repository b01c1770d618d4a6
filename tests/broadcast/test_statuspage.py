"""The public page: what goes out, once, and what is said when nobody knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import msgspec
import pytest
import pytest_asyncio

from cockpit.broadcast.compose import card
from cockpit.broadcast.sender import Ambiguous, Refused, Sent
from cockpit.broadcast.statuspage import BODY, NAME, Publication, StatusPage, publication
from cockpit.config.broadcasting import Statuspage
from cockpit.config.fields import EnvReference
from cockpit.incident.fold import State
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport
from cockpit.web import Ask
from tests.broadcast.chats import SECRET, Fault, Page

TOLD = Publication("INC-7:1", "Logins failing", "investigating", "Impact: all logins.")


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    page = Page()
    await page.start()
    page.posted.append({"id": "inc1", "name": "somebody else's", "metadata": {}})
    yield page
    await page.close()


@pytest_asyncio.fixture
async def asking() -> AsyncIterator[Ask]:
    transport = ProbeTransport()
    yield partial(ask, transport)
    await transport.aclose()


def client(page: Page, asking: Ask, *, key: str = SECRET, name: str = "page1") -> StatusPage:
    config = Statuspage(api=page.url, page=name, key=EnvReference(env="K"))
    return StatusPage(config, key, asking)


def test_only_impact_and_measurements_go_out(state: State) -> None:
    shown = msgspec.structs.replace(card(state, 1_700_042_400_000_000), impact="All logins.", measured="79.6 % fail.")
    told = publication(shown, "Logins failing", "k")
    body = "Impact: All logins.\n\nMeasured: 79.6 % fail."
    assert told == Publication("k", "Logins failing", "investigating", body)
    for private in ("ana", "ops-2", "Revert", "4711"):
        assert private not in told.text


def test_no_text_is_longer_than_the_page_shows(state: State) -> None:
    told = publication(card(state, 0), "x" * 5000, "k")
    assert len(told.name) == NAME and len(told.body) <= BODY


async def test_an_incident_is_opened_once_and_then_edited(page: Page, asking: Ask) -> None:
    over = Publication(TOLD.key, TOLD.name, "resolved", "Impact: it is over.")
    assert await client(page, asking).publish(TOLD) == Sent("inc2")
    assert await client(page, asking).publish(over) == Sent("inc2")
    assert [each["id"] for each in page.posted] == ["inc1", "inc2"] and page.posted[1]["status"] == "resolved"


async def test_the_incident_of_another_cockpit_is_not_touched(page: Page, asking: Ask) -> None:
    await client(page, asking).publish(TOLD)
    other = Publication("INC-7:2", "Another", "investigating", "Impact: x.")
    assert await client(page, asking).publish(other) == Sent("inc3")
    assert page.posted[1]["name"] == "Logins failing"


@pytest.mark.parametrize("fault", ["cut after", "502 after"])
async def test_doing_it_again_after_a_lost_answer_opens_no_second(page: Page, asking: Ask, fault: Fault) -> None:
    calm = page.take

    def once(*request: object) -> tuple[int, str]:
        # The question comes first: the fault is for what follows it.
        page.fault, page.take = fault, calm  # type: ignore[method-assign]
        return calm(*request)  # type: ignore[arg-type]

    page.take = once  # type: ignore[assignment, method-assign]
    assert isinstance(await client(page, asking).publish(TOLD), Ambiguous)
    assert await client(page, asking).publish(TOLD) == Sent("inc2")
    assert len(page.posted) == 2


@pytest.mark.parametrize("fault", ["cut before", "500 before", "429", "html", "moved"])
async def test_nothing_goes_out_when_the_page_cannot_be_looked_at(page: Page, asking: Ask, fault: Fault) -> None:
    page.fault = fault
    refused = await client(page, asking).publish(TOLD)
    assert isinstance(refused, Refused) and not page.edited


async def test_a_wrong_key_or_page_is_told_without_the_key(page: Page, asking: Ask) -> None:
    for refused in (
        await client(page, asking, key="hunter33").publish(TOLD),
        await client(page, asking, name="page2").publish(TOLD),
    ):
        assert isinstance(refused, Refused) and refused.fault == "configuration"
        assert "hunter" not in refused.why and "statuspage.page" in refused.why
