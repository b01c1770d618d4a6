"""A real nginx in front: redirects, refusals, limits, packed bodies, kept connections, dead upstreams, certificates."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme
from aiohttp import ClientSession

from cockpit.clock import SystemClock
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes.http import HttpProbe
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from tests.real.servers import free_port, required, running

pytestmark = pytest.mark.real

CONFIG = """\
daemon off;
master_process off;
pid {place}/pid;
error_log {place}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  default_type application/json;
  limit_req_zone $server_port zone=one:64k rate=1r/m;
  server {{
    listen 127.0.0.1:{http};
    location = /well {{ return 200 '{{"status": "UP"}}'; }}
    location = /ill {{ return 200 '{{"status": "DOWN"}}'; }}
    location = /login {{ default_type text/html; return 200 '<html><form>log in</form></html>'; }}
    location = /moved {{ return 301 /well; }}
    location = /upgrade {{ return 308 https://127.0.0.1:{https}/well; }}
    location = /loop {{ return 302 /loop2; }}
    location = /loop2 {{ return 302 /loop; }}
    location ~ ^/deep(?<n>1*)$ {{ return 302 /deep1$n; }}
    location = /headers {{ return 200 '{{"encoding": "$http_accept_encoding", "key": "$http_x_api_key"}}'; }}
    location = /limited {{
      limit_req zone=one; limit_req_status 429; add_header Retry-After 7 always; try_files /no =204;
    }}
    location = /overloaded {{ add_header Retry-After 30 always; return 503; }}
    location = /broken {{ return 500; }}
    location = /hangs-up {{ return 444; }}
    location = /kept {{ return 200 '{{"connection": $connection, "requests": $connection_requests}}'; }}
    location = /packed {{ gzip on; gzip_types *; gzip_min_length 1; return 200 '{packed}'; }}
    location = /slow-upstream {{ proxy_pass http://127.0.0.1:{silent}; proxy_read_timeout 200ms; }}
    location = /dead-upstream {{ proxy_pass http://127.0.0.1:{closed}; }}
    location = /small {{ client_max_body_size 1k; proxy_pass http://127.0.0.1:{http}/well; }}
    location = /until-it-closes {{ chunked_transfer_encoding off; gzip on; gzip_types *; gzip_min_length 1;
      sub_filter UP UP; sub_filter_types *; proxy_set_header Accept-Encoding '';
      proxy_pass http://127.0.0.1:{http}/well; }}
  }}
  server {{
    listen 127.0.0.1:{few}; keepalive_requests 2;
    location / {{ return 200 '{{"requests": $connection_requests}}'; }}
  }}
  server {{
    listen 127.0.0.1:{https} ssl http2;
    ssl_certificate {place}/good.pem; ssl_certificate_key {place}/good.pem;
    location = /well {{ return 200 '{{"status": "UP"}}'; }}
    location = /down {{ return 302 http://127.0.0.1:{http}/well; }}
    location = /http {{ return 200 '"$server_protocol"'; }}
  }}
  server {{
    listen 127.0.0.1:{expired} ssl; ssl_certificate {place}/expired.pem; ssl_certificate_key {place}/expired.pem;
    return 200 ok;
  }}
  server {{
    listen 127.0.0.1:{other} ssl; ssl_certificate {place}/other.pem; ssl_certificate_key {place}/other.pem;
    return 200 ok;
  }}
}}
"""
PACKED = "all is well, " * 40


@dataclass(frozen=True)
class Nginx:
    """Its ports by what listens there, and the authority of its certificates."""

    ports: dict[str, int]
    authority: trustme.CA

    def url(self, path: str, port: str = "http") -> str:
        scheme = "https" if port in {"https", "expired", "other"} else "http"
        return f"{scheme}://127.0.0.1:{self.ports[port]}{path}"


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    program, place = required("nginx", "nginx-light"), tmp_path_factory.mktemp("nginx")
    authority, yesterday = trustme.CA(), datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    for name, leaf in (
        ("good", authority.issue_cert("127.0.0.1")),
        ("expired", authority.issue_cert("127.0.0.1", not_after=yesterday)),
        ("other", authority.issue_cert("other.example")),
    ):
        leaf.private_key_and_cert_chain_pem.write_to_path(str(place / f"{name}.pem"))
    with ExitStack() as stack:
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        names = ("http", "https", "expired", "other", "few", "closed")
        ports = {name: free_port() for name in names} | {"silent": silent.getsockname()[1]}
        (place / "nginx.conf").write_text(CONFIG.format(place=place, packed=PACKED, **ports))
        argv = [program, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
        stack.enter_context(running(argv, ports["http"], place / "log"))
        yield Nginx(ports, authority)


Make = Callable[..., HttpProbe]


@pytest_asyncio.fixture
async def make(nginx: Nginx) -> AsyncIterator[Make]:
    context = ssl.create_default_context()
    nginx.authority.configure_trust(context)
    transport = ProbeTransport(context)

    def probe(path: str, port: str = "http", **fields: Any) -> HttpProbe:
        given = {"name": "front", "url": nginx.url(path, port), "timeout": "2s"} | fields
        config = HttpProbeConfig.model_validate(given)
        return HttpProbe(
            Target("front", "front", "web", config), Tools(transport, SystemClock(), {"KEY": "hunter22"}, Path())
        )

    yield probe
    await transport.aclose()


@pytest.mark.parametrize(
    ("path", "fields", "outcome", "status", "words"),
    [
        ("/well", {}, "good", 200, "HTTP 200 in "),
        ("/ill", {}, "bad", 200, "DOWN"),
        ("/login", {"conditions": ({"json": "status", "equals": "UP"},)}, "bad", 200, "not JSON but a page"),
        ("/moved", {}, "bad", 301, "/well, not followed"),
        ("/moved", {"follow_redirects": True}, "good", 200, "after 1 redirect"),
        ("/upgrade", {"follow_redirects": True}, "good", 200, "after 1 redirect"),
        ("/loop", {"follow_redirects": True}, "bad", 302, "a redirect loop: "),
        ("/deep", {"follow_redirects": True}, "bad", 302, "more than 5 redirects"),
        ("/overloaded", {}, "bad", 503, "shedding load, asks to come back after 30"),
        ("/broken", {}, "bad", 500, "app error, not load"),
        ("/nowhere", {}, "bad", 404, "nothing at this path"),
        ("/slow-upstream", {}, "bad", 504, "HTTP 504"),
        ("/dead-upstream", {}, "bad", 502, "HTTP 502"),
        ("/small", {"method": "POST", "body": "x" * 2000}, "bad", 413, "HTTP 413"),
        ("/until-it-closes", {"conditions": ({"json": "status", "equals": "UP"},)}, "good", 200, "HTTP 200"),
    ],
)  # fmt: skip
async def test_what_it_answers(
    make: Make, path: str, fields: dict[str, Any], outcome: str, status: int, words: str
) -> None:
    sample = await make(path, **fields).sample()
    assert (sample.outcome, sample.status) == (outcome, status), sample.words
    assert words in sample.words


async def test_a_limit_of_requests_is_told_with_how_long_to_stay_away(make: Make) -> None:
    probe = make("/limited", valid_status_codes=(204,))
    assert (await probe.sample()).outcome == "good"
    limited = await probe.sample()
    assert (limited.outcome, limited.status, limited.retry_after) == ("bad", 429, 7.0)
    assert "asks to come back after 7" in limited.words


async def test_hanging_up_is_no_answer(make: Make) -> None:
    sample = await make("/hangs-up").sample()
    assert (sample.outcome, sample.failure) == ("bad", "reset") and "without an answer" in sample.words


async def test_what_could_be_packed_is_asked_for_as_it_is(nginx: Nginx, make: Make) -> None:
    async with ClientSession() as other, other.get(nginx.url("/packed")) as answer:
        assert answer.headers["Content-Encoding"] == "gzip", "it packs for whoever asks"
    sample = await make("/packed", conditions=({"body_contains": "all is well"},)).sample()
    assert sample.outcome == "good", sample.words
    told = make("/headers", conditions=({"json": "encoding", "equals": "identity"},))
    assert (await told.sample()).outcome == "good"


async def test_a_secret_arrives_and_stays_out_of_words(make: Make) -> None:
    probe = make("/headers", headers={"X-Api-Key": {"env": "KEY"}}, conditions=({"json": "key", "equals": "other"},))
    sample = await probe.sample()
    assert sample.outcome == "bad" and "hunter22" not in f"{sample.words}{sample.facts}"
    known = make("/headers", headers={"X-Api-Key": {"env": "KEY"}}, conditions=({"json": "key", "equals": "hunter22"},))
    assert (await known.sample()).outcome == "good"


def requests(count: int) -> dict[str, Any]:
    return {"conditions": ({"json": "requests", "equals": count},)}


async def test_a_kept_connection_serves_every_look_and_a_fresh_one_is_the_default(
    make: Make,
) -> None:
    kept = make("/kept", connection="reuse", **requests(3))
    assert [(await kept.sample()).outcome for _ in range(3)] == ["bad", "bad", "good"]
    fresh = make("/kept", **requests(1))
    assert [(await fresh.sample()).outcome for _ in range(3)] == ["good"] * 3


async def test_a_server_that_ends_kept_connections_costs_no_look(make: Make) -> None:
    probe = make("/", "few", connection="reuse", conditions=({"json": "requests", "equals": 2},))
    samples: list[Sample] = [await probe.sample() for _ in range(6)]
    assert [sample.outcome for sample in samples] == ["bad", "good"] * 3
    assert {sample.failure for sample in samples} == {None}


async def test_certificates_are_told_apart_by_what_is_wrong(make: Make) -> None:
    good = await make("/well", "https").sample()
    assert good.outcome == "good" and good.certificate is not None and good.certificate.names == ("127.0.0.1",)
    for port, words in (("expired", "certificate has expired"), ("other", "ip address mismatch")):
        sample = await make("/", port).sample()
        assert (sample.outcome, sample.failure) == ("bad", "tls") and words in sample.words.lower(), sample.words
    down = await make("/down", "https", follow_redirects=True).sample()
    assert down.outcome == "bad" and "a redirect from https to" in down.words


async def test_http_1_1_is_spoken_where_http_2_is_offered(make: Make) -> None:
    sample = await make("/http", "https", conditions=({"body_contains": json.dumps("HTTP/1.1")},)).sample()
    assert sample.outcome == "good", sample.words


async def test_plain_http_to_a_port_of_tls_and_the_other_way_round(nginx: Nginx, make: Make) -> None:
    plain = await make("/", url=f"http://127.0.0.1:{nginx.ports['https']}/").sample()
    assert (plain.outcome, plain.status) == ("bad", 400)
    secure = await make("/", url=f"https://127.0.0.1:{nginx.ports['http']}/").sample()
    assert secure.failure == "tls" and "no TLS is spoken there" in secure.words
