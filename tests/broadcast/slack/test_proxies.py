"""The way to Slack goes through the proxy of the environment, and around it where NO_PROXY says so."""

from __future__ import annotations

import pytest

from cockpit.broadcast.slack.proxies import proxy_for

SLACK = "https://slack.com/api/"
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_proxy_of_the_environment_is_taken(name: str) -> None:
    assert proxy_for(SLACK, {name: PROXY}) == PROXY


def test_no_proxy_means_the_direct_way() -> None:
    assert proxy_for(SLACK, {}) is None
    assert proxy_for(SLACK, {"HTTPS_PROXY": "  "}) is None
    assert proxy_for(SLACK, {"HTTP_PROXY": PROXY}) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/api/", "http://localhost/api/", "http://[::1]:80/", "http://127.9.9.9/"]
)
def test_this_host_is_never_behind_a_proxy(url: str) -> None:
    assert proxy_for(url, {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}) is None


@pytest.mark.parametrize(
    "exceptions", ["slack.com", ".slack.com", "*.slack.com", "other.example, slack.com", "com", "*", "SLACK.COM"]
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy_is_honoured(exceptions: str, name: str) -> None:
    assert proxy_for(SLACK, {"HTTPS_PROXY": PROXY, name: exceptions}) is None


@pytest.mark.parametrize(
    "exceptions", ["slack.co", "ack.com", "slack.com.example", ",", ".", "10.0.0.0/8", "slack.com:80"]
)
def test_no_proxy_names_no_more_than_it_says(exceptions: str) -> None:
    assert proxy_for(SLACK, {"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions}) == PROXY


def test_no_proxy_may_name_a_port_or_a_network() -> None:
    proxied = {"HTTP_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8,chat.example:8065,fd00::/8"}
    assert proxy_for("http://10.1.2.3:8065/", proxied) is None
    assert proxy_for("http://chat.example:8065/", proxied) is None
    assert proxy_for("http://chat.example:80/", proxied) == PROXY
    assert proxy_for("http://11.1.2.3/", proxied) == PROXY
    assert proxy_for("http://[fd00::7]/", proxied) is None
