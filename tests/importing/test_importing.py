"""Files of other tools become a config that our own loader takes, and nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.probes import DnsProbeConfig, HttpProbeConfig, TcpProbeConfig, TlsProbeConfig
from cockpit.config.problems import ConfigError
from cockpit.config.rates import PrometheusConfig
from cockpit.importing.durations import ours, seconds
from cockpit.importing.promql import NotAShare, share
from cockpit.importing.writing import imported

GATUS = """\
endpoints:
  - name: front page
    group: shop
    url: "https://shop.example.com/health"
    interval: 30s
    headers:
      Authorization: "Bearer hunter2hunter2"
      X-Tenant: shop
    client: {timeout: 5s, insecure: true}
    alerts:
      - {type: slack, failure-threshold: 5, success-threshold: 3}
    conditions:
      - "[STATUS] == any(200, 204)"
      - "[BODY].status == UP"
      - "[BODY].queue.depth < 100"
      - "[BODY].name == pat(shop-*)"
      - "has([BODY].errors) == false"
      - "[BODY] == pat(*</html>*)"
      - "[RESPONSE_TIME] < 300"
      - "[CERTIFICATE_EXPIRATION] > 48h"
      - "len([BODY].items) > 3"
  - name: db
    url: tcp://db.example.com:5432
    conditions: ["[CONNECTED] == true"]
  - name: cert
    url: tls://shop.example.com:443
    conditions: ["[CERTIFICATE_EXPIRATION] > 240h"]
  - name: name
    url: 192.0.2.53
    dns: {query-name: shop.example.com, query-type: A}
    conditions: ["[BODY] == 192.0.2.7", "[DNS_RCODE] == NOERROR"]
  - name: ping
    url: icmp://shop.example.com
  - {name: off, url: "https://off.example.com", enabled: false}
"""
RULES = """\
groups:
  - name: shop
    rules:
      - record: job:errors
        expr: sum(rate(x[5m]))
      - alert: ShopErrorsWarning
        expr: sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.01
        for: 2m
        labels: {severity: warning}
      - alert: ShopErrors
        expr: sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05
        for: 5m
        keep_firing_for: 10m
        labels: {severity: critical}
      - alert: DiskFull
        expr: node_filesystem_avail_bytes < 1000
"""
PROMETHEUS = """\
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["127.0.0.1:9100"]}]
  - job_name: shop sites
    metrics_path: /probe
    scrape_interval: 15s
    params: {module: [strict]}
    static_configs: [{targets: ["https://shop.example.com/", "https://pay.example.com/"]}]
  - job_name: mail
    metrics_path: /probe
    params: {module: [smtp]}
    static_configs: [{targets: ["mail.example.com:25"]}]
  - job_name: lost
    metrics_path: /probe
    params: {module: [nowhere]}
    static_configs: [{targets: ["a:1"]}]
"""
BLACKBOX = """\
modules:
  strict:
    prober: http
    timeout: 4s
    http:
      valid_status_codes: [200, 301]
      method: HEAD
      follow_redirects: false
      fail_if_body_not_matches_regexp: ["welcome"]
      fail_if_ssl: false
      basic_auth: {username: a, password: hunter2hunter2}
  smtp:
    prober: tcp
    tcp:
      query_response: [{expect: "^220 "}]
"""


@pytest.fixture
def bring(tmp_path: Path) -> Any:
    def made(**files: str) -> tuple[Config, str, list[str]]:
        paths = []
        for name, text in files.items():
            paths.append(tmp_path / f"{name}.yml")
            paths[-1].write_text(text)
        text, notes = imported(paths)
        return parse(text, "made.yaml", Config), text, [str(note) for note in notes]

    return made


def test_gatus_endpoints(bring: Any, tmp_path: Path) -> None:
    config, text, notes = bring(gatus=GATUS)
    probes = {probe.name: probe for service in config.services for probe in service.probes}
    front = probes["front-page"]
    assert isinstance(front, HttpProbeConfig)
    assert (front.interval, front.timeout, front.failures, front.successes) == (30.0, 5.0, 5, 3)
    assert front.valid_status_codes == (200, 204) and front.health_format == "none" and front.follow_redirects
    said = [condition.model_dump(exclude_unset=True, by_alias=True) for condition in front.conditions]
    assert said == [
        {"json": "status", "equals": "UP"}, {"json": "queue.depth", "below": 100.0},
        {"json": "name", "matches": "^shop\\-.*$"}, {"json": "errors", "exists": False},
        {"body_contains": "</html>"}, {"response_time_below": 0.3}, {"certificate_days_above": 2.0},
    ]  # fmt: skip
    assert isinstance(db := probes["db"], TcpProbeConfig) and db.address == "db.example.com:5432"
    assert isinstance(cert := probes["cert"], TlsProbeConfig) and cert.crit_days == 10.0
    assert isinstance(name := probes["name"], DnsProbeConfig) and name.expect == ("192.0.2.7",)
    assert "off" not in probes and "hunter2" not in text
    path = tmp_path / "gatus.yml"
    assert [note.removeprefix(f"{path}:") for note in notes] == [
        "2:1: warning: front page: condition `len([BODY].items) > 3` has no counterpart; see conditions in "
        "config.example.yaml",
        "2:1: warning: header Authorization may hold a secret, which was not copied; put it into "
        "COCKPIT_FRONT_PAGE_AUTHORIZATION",
        "2:1: warning: front page: client.insecure: we always verify certificates; name its authority in tls.ca_file",
        "32:1: warning: ping: icmp address: there is no probe of ours for it; probe it by a command",
        "34:1: warning: False: is not enabled, and was left out",
    ]


def test_two_rules_on_one_share_are_one_probe(bring: Any) -> None:
    config, text, notes = bring(rules=RULES)
    (service,) = config.services
    (probe,) = service.probes
    assert isinstance(probe, PrometheusConfig)
    assert (probe.warn, probe.crit, probe.window, probe.fires_after) == (0.01, 0.05, 300.0, 120.0)
    assert probe.errors == 'sum(rate(http_requests_total{code=~"5.."}[$window]))'
    held, left = notes
    assert "alert ShopErrors: shoperrorswarning has one for and keep_firing_for, of another rule" in held
    assert "alert DiskFull was left out: it does not compare with a number from above" in left


def test_blackbox_targets_with_their_modules(bring: Any) -> None:
    config, text, notes = bring(prometheus=PROMETHEUS, blackbox=BLACKBOX)
    assert {service.name: len(service.probes) for service in config.services} == {"shop-sites": 2, "mail": 1}
    site = config.services[0].probes[0]
    assert isinstance(site, HttpProbeConfig)
    assert (site.method, site.valid_status_codes, site.timeout, site.interval) == ("HEAD", (200, 301), 4.0, 15.0)
    assert not site.follow_redirects and "authorization" in site.headers
    mail = config.services[1].probes[0]
    assert isinstance(mail, TcpProbeConfig) and mail.expect == "220 "
    assert any("module nowhere is not among the files" in note for note in notes)
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("expression", "errors", "limit"),
    [
        ("sum(rate(a[5m])) / sum(rate(b[5m])) > 0.05", "sum(rate(a[$window]))", 0.05),
        ("(sum(rate(a[1h])) / sum(rate(b[1h]))) >= 0.5", "sum(rate(a[$window]))", 0.5),
        ("100 * sum(rate(a[5m])) / sum(rate(b[5m])) > 5", "sum(rate(a[$window]))", 0.05),
        ("(sum(rate(a[5m])) / sum(rate(b[5m]))) * 100 > 5", "sum(rate(a[$window]))", 0.05),
        ('sum(rate(a{path="x > 3 / 2"}[5m])) / sum(b) > 0.1', 'sum(rate(a{path="x > 3 / 2"}[$window]))', 0.1),
        ("sum(rate(a[5m])) / sum(rate(b[1h])) > 0.1", "sum(rate(a[5m]))", 0.1),
    ],
)
def test_a_share_is_taken_apart(expression: str, errors: str, limit: float) -> None:
    found = share(expression)
    assert found.errors == errors
    assert found.limit == pytest.approx(limit)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("up == 0", "from above"),
        ("sum(a) > 5", "divided"),
        ("sum by (job) (rate(a[5m])) / sum by (job) (rate(b[5m])) > 0.1", "aggregated|by label"),
        ("sum(rate(a[5m])) / on(job) sum(b) > 0.1", "aggregated|by label"),
        ("sum(a) / sum(b) < 0.9", "from above"),
        ("a / b > 0.1", "aggregated"),
        ("vector(1)", "compares nothing"),
        ("", "compares nothing"),
    ],
)
def test_what_is_no_share_is_told_why(expression: str, why: str) -> None:
    with pytest.raises(NotAShare, match=why):
        share(expression)


@given(st.text(max_size=60))
def test_no_expression_breaks_the_reader(expression: str) -> None:
    try:
        share(expression)
    except NotAShare:
        pass


@given(st.integers(1, 10**7))
def test_a_duration_survives(milliseconds: int) -> None:
    found = seconds(ours(milliseconds / 1000))
    assert found == pytest.approx(milliseconds / 1000)


def test_what_has_no_counterpart_is_named(bring: Any) -> None:
    gatus = """\
external-endpoints: [{name: beat}]
endpoints:
  - name: a
    url: http://a/
    ssh: {username: x}
    client: {proxy-url: "http://p"}
    conditions: ["[BODY][0].id == 1", "has([BODY].x) != true"]
"""
    blackbox = """\
modules:
  strict:
    prober: http
    http: {body_file: x, tls_config: {cert_file: y, insecure_skip_verify: false}}
"""
    config, _, notes = bring(gatus=gatus, blackbox=blackbox, prometheus=PROMETHEUS)
    named = "\n".join(notes)
    for words in ("external-endpoints were left out", "a: ssh not", "a: client: proxy-url not", "has([BODY].x) != true",
                  "body_file not", "cert_file not", "job node does not ask blackbox_exporter"):  # fmt: skip
        assert words in named
    (probe,) = config.services[0].probes
    assert [condition.json_path for condition in probe.conditions] == ["0.id"]


@pytest.mark.parametrize(
    "odd",
    [
        "endpoints: [5, {name: [], conditions: 7}, {name: d, url: x, dns: {query-type: NOPE}}, %s]",
        "endpoints: [{name: p, url: 'http://x/', conditions: ['[BODY] == pat(x']}, %s]",
        "endpoints: [{name: p, url: 'tcp://x:99999999'}, {name: q, url: 'http://['}, %s]",
        "{groups: 7, modules: 3, scrape_configs: [1, {metrics_path: /probe, params: 4}], endpoints: [%s]}",
        "{groups: [1, {rules: [3, {alert: A, expr: [], labels: x}]}], endpoints: [%s]}",
    ],
)
def test_what_is_not_of_the_shape_of_its_tool_is_named_and_spoils_no_other(bring: Any, odd: str) -> None:
    config, _, notes = bring(gatus=odd % "{name: good, url: 'http://good/'}")
    assert "good" in {probe.name for service in config.services for probe in service.probes}
    assert notes or "pat(x" in odd


@pytest.mark.parametrize(("text", "words"), [("groups: 5\n", "groups is not of the shape")])
def test_a_file_of_which_nothing_can_be_read_says_so(bring: Any, text: str, words: str) -> None:
    _, _, notes = bring(rules=text)
    assert words in notes[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not YAML"),
        ("- 1", "holds no mapping"),
        ("a: 1", "is none of"),
        ("a: !!python/object:os.system x", "is not YAML"),
    ],
)
def test_a_file_of_nobody_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        imported([path])
