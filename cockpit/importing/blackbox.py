"""Targets of blackbox_exporter, from Prometheus' scrape configs and the exporter's own modules, to probes."""

from __future__ import annotations

import re
from typing import Any

from cockpit.importing.durations import ours, seconds
from cockpit.importing.secrets import headers
from cockpit.importing.source import Carried, Foreign, Lined, name_of

_METHODS = {"GET", "HEAD", "POST", "PUT", "OPTIONS"}
_NOTED = frozenset({
    "fail_if_body_matches_regexp", "fail_if_header_matches", "fail_if_header_not_matches",
    "fail_if_ssl", "fail_if_not_ssl", "compression", "proxy_url",
})  # fmt: skip
"""What a module of http may hold that we have no word for."""
_READ = {
    "http": _NOTED | {
        "method", "valid_status_codes", "headers", "basic_auth", "authorization", "bearer_token", "body",
        "follow_redirects", "fail_if_body_not_matches_regexp", "preferred_ip_protocol", "ip_protocol_fallback",
        "tls_config",
    },
    "tcp": frozenset({"tls", "tls_config", "query_response"}),
    "dns": frozenset({"query_name", "query_type", "transport_protocol"}),
}  # fmt: skip
_TLS = frozenset({"insecure_skip_verify", "ca_file", "server_name"})
_RECORDS = {"A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT", "PTR"}


def modules_of(files: list[Foreign]) -> dict[str, tuple[str, Lined]]:
    """Every module by its name, with the file it is from."""
    return {
        str(name): (foreign.path, module)
        for foreign in files
        if isinstance(modules := foreign.data.get("modules"), Lined)
        for name, module in modules.items()
        if isinstance(module, Lined)
    }


def carry(foreign: Foreign, modules: dict[str, tuple[str, Lined]], carried: Carried) -> None:
    """Every target of every job that asks the exporter."""
    for job in foreign.data.get("scrape_configs") or ():
        with carried.reading(foreign.path, job, "a scrape config"):
            if job.get("metrics_path") != "/probe":
                carried.note(foreign.path, job.line, f"job {job.get('job_name')} does not ask blackbox_exporter")
                continue
            _job(job, foreign.path, modules, carried)


def _job(job: Lined, path: str, modules: dict[str, tuple[str, Lined]], carried: Carried) -> None:
    name = str(job.get("job_name", "probes"))
    module = str(((job.get("params") or {}).get("module") or ["http_2xx"])[0])
    if module not in modules:
        carried.note(path, job.line, f"module {module} is not among the files", "name blackbox.yml too")
        return
    elsewhere = any(word.endswith("_sd_configs") for word in job)
    if elsewhere or not job.get("static_configs"):
        carried.note(path, job.line, f"job {name}: only static_configs can be read")
    for group in job.get("static_configs") or ():
        for target in group.get("targets") or ():
            with carried.reading(*modules[module], f"module {module} for {target}"):
                _target(str(target), name, job, modules[module], carried)


def _target(target: str, job: str, scrape: Lined, found: tuple[str, Lined], carried: Carried) -> None:
    path, module = found
    prober = str(module.get("prober", ""))
    make = {"http": _http, "tcp": _tcp, "dns": _dns}.get(prober)
    if make is None:
        message = f"{prober} of {target}: there is no probe of ours for it"
        carried.note(path, module.line, message, "probe it by a command")
        return
    settings = module.get(prober) or Lined()
    carried.unread(path, module, f"module for {target}", frozenset({"prober", "timeout", prober}))
    carried.unread(path, settings, f"{prober} for {target}", _READ[prober])
    if isinstance(tls := settings.get("tls_config"), Lined):
        carried.unread(path, tls, f"tls_config for {target}", _TLS)
    name = name_of(target.removeprefix("https://").removeprefix("http://"))
    interval = seconds(str(scrape.get("scrape_interval", "1m"))) or 60.0
    timeout = seconds(str(module.get("timeout", ""))) or min(10.0, interval)
    made = make(target, name, settings, path, module.line, carried)
    pace = {"interval": ours(interval), "timeout": ours(min(timeout, interval))}
    carried.add(name_of(job), {"name": name, **made, **pace}, path, module.line)


def _http(target: str, name: str, http: Lined, path: str, line: int, carried: Carried) -> dict[str, Any]:
    made: dict[str, Any] = {"url": target if "://" in target else f"http://{target}", "health_format": "none"}
    method = str(http.get("method", "GET")).upper()
    if method not in _METHODS:
        carried.note(path, line, f"method {method} is not one of ours")
    elif method != "GET":
        made["method"] = method
    if codes := http.get("valid_status_codes"):
        made["valid_status_codes"] = list(codes)
    if isinstance(found := http.get("headers"), Lined):
        made["headers"] = headers(found, name, carried, path, line)
    if http.get("basic_auth") or http.get("authorization") or http.get("bearer_token"):
        found = Lined({"authorization": "secret"})
        made["headers"] = made.get("headers", {}) | headers(found, name, carried, path, line)
    if body := http.get("body"):
        made["body"] = str(body)
    made["follow_redirects"] = http.get("follow_redirects", True) is not False
    conditions = [{"body_matches": str(each)} for each in http.get("fail_if_body_not_matches_regexp") or ()]
    if conditions:
        made["conditions"] = conditions
    for unknown in sorted(_NOTED):
        if http.get(unknown):
            carried.note(path, line, f"{unknown} has no counterpart", "see conditions in config.example.yaml")
    protocol = {"ip4": "ip4", "ip6": "ip6"}.get(str(http.get("preferred_ip_protocol", "")))
    if protocol and http.get("ip_protocol_fallback") is False:
        made["ip_protocol"] = protocol
    return made | _tls(http, path, line, carried)


def _tls(settings: Lined, path: str, line: int, carried: Carried) -> dict[str, Any]:
    tls = settings.get("tls_config") or {}
    if tls.get("insecure_skip_verify"):
        carried.note(
            path, line, "insecure_skip_verify: we always verify certificates", "name its authority in tls.ca_file"
        )
    made = {word: str(tls[word]) for word in ("ca_file", "server_name") if tls.get(word)}
    return {"tls": made} if made else {}


def _tcp(target: str, name: str, tcp: Lined, path: str, line: int, carried: Carried) -> dict[str, Any]:
    if tcp.get("tls"):
        return {"type": "tls", "address": target} | _tls(tcp, path, line, carried)
    made: dict[str, Any] = {"type": "tcp", "address": target}
    exchange = [each for each in tcp.get("query_response") or () if isinstance(each, Lined)]
    if len(exchange) > 1:
        carried.note(path, line, f"{target}: only the first exchange of query_response was kept")
    if exchange:
        made |= {word: str(exchange[0][word]).lstrip("^") for word in ("send", "expect") if word in exchange[0]}
        if re.escape(expect := str(made.get("expect", ""))).replace("\\ ", " ").replace("\\-", "-") != expect:
            carried.note(path, line, f"{target}: expect is a plain text with us, not a regular expression")
    return made


def _dns(target: str, name: str, dns: Lined, path: str, line: int, carried: Carried) -> dict[str, Any]:
    record = str(dns.get("query_type", "A")).upper()
    if record not in _RECORDS:
        carried.note(path, line, f"record {record} is not one of ours, A is asked instead")
        record = "A"
    server = target if ":" in target else f"{target}:53"
    query = str(dns.get("query_name", "")).rstrip(".")
    return {"type": "dns", "query": query, "record": record, "server": server,
            "transport": "tcp" if dns.get("transport_protocol") == "tcp" else "udp"}  # fmt: skip
