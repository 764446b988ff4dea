"""What is shipped around the program agrees with the program."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from neolight import __version__
from neolight.settings import Settings

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "neolight"
GIVEN = ("neo4j.uri=neo4j://graph:7687", "secrets.NEO4J_PASSWORD=secret-word", "secrets.OPENAI_API_KEY=sk-secret")
ROLES = ("EXTRACTION", "KEYWORDS", "EMBEDDING", "RERANK")
SECRET = {"NEO4J_PASSWORD", "OPENAI_API_KEY", "NEOLIGHT_ACCOUNTS", "NEOLIGHT_API_KEYS", "NEOLIGHT_TOKEN_SECRET"}
SECRET |= {*(f"NEOLIGHT_{role}_API_KEY" for role in ROLES)}
PLACE = {"NEO4J_URI", "NEO4J_USERNAME", "NEO4J_DATABASE", "NEOLIGHT_HOST", "NEOLIGHT_PORT"}
FOLDERS = {"NEOLIGHT_DATA_DIR", "NEOLIGHT_CACHE_DIR", "NEOLIGHT_NEO4J_HOME", "NEOLIGHT_PROFILE"}
COMMANDS = {"NEOLIGHT_LIGHTRAG_PASSWORD"}
"""Of commands that the chart does not run."""


def variable(field: str) -> str:
    return str(Settings.model_fields[field].validation_alias or f"NEOLIGHT_{field.upper()}")


REAL = {variable(field) for field in Settings.model_fields}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\b(?:NEOLIGHT|NEO4J|OPENAI)_[A-Z][A-Z0-9_]*\b", text))


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings_in(" ".join(os.environ)):
        monkeypatch.delenv(name)


# --- .env.example


def test_the_example_documents_every_setting_and_nothing_else() -> None:
    documented = re.findall(r"^# ([A-Z][A-Z0-9_]*)=", read(".env.example"), re.MULTILINE)

    assert sorted(documented) == sorted(REAL)


@pytest.mark.usefixtures("nothing_set")
def test_the_example_sets_nothing_and_says_the_defaults(tmp_path: Path) -> None:
    assert all(line.startswith("#") for line in read(".env.example").splitlines() if line)

    uncommented = tmp_path / ".env"
    uncommented.write_text(re.sub(r"^# ([A-Z][A-Z0-9_]*=)", r"\1", read(".env.example"), flags=re.MULTILINE), "utf-8")

    assert Settings(_env_file=uncommented) == Settings(_env_file=None)


# --- docker compose


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(read("docker-compose.yml"))


def test_compose_sets_real_settings_only(compose: dict[str, Any]) -> None:
    assert set(compose["services"]["neolight"]["environment"]) <= REAL
    assert set(re.findall(r"\$\{(\w+)", read("docker-compose.yml"))) <= REAL


def test_compose_has_no_password_of_its_own(compose: dict[str, Any]) -> None:
    neo4j, neolight = compose["services"]["neo4j"], compose["services"]["neolight"]

    assert neo4j["environment"]["NEO4J_AUTH"].startswith("neo4j/${NEO4J_PASSWORD:?")
    assert neolight["environment"]["NEO4J_PASSWORD"].startswith("${NEO4J_PASSWORD:?")


def test_compose_runs_the_server_that_is_embedded_elsewhere(compose: dict[str, Any]) -> None:
    lock = tomllib.loads(read("app/neolight/embedded/neo4j.lock.toml"))

    assert compose["services"]["neo4j"]["image"] == f"neo4j:{lock['neo4j']}-community"


def test_the_neo4j_image_gets_no_name_that_it_would_take_for_a_server_setting(compose: dict[str, Any]) -> None:
    neo4j = compose["services"]["neo4j"]

    assert "env_file" not in neo4j
    assert not set(neo4j["environment"]) & REAL


def test_compose_opens_ports_to_this_machine_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service["ports"]]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_neolight_waits_for_a_healthy_graph(compose: dict[str, Any]) -> None:
    assert compose["services"]["neolight"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert compose["services"]["neo4j"]["healthcheck"]["test"]
    assert compose["services"]["neo4j"]["volumes"] == ["graph:/data"]


# --- the image


def test_the_image_sets_real_settings_only_and_serves_where_it_says() -> None:
    dockerfile = read("Dockerfile")

    assert settings_in(dockerfile) <= REAL
    assert f"EXPOSE {Settings.model_fields['port'].default}" in dockerfile
    assert "/health" in dockerfile.split("HEALTHCHECK")[1]
    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)


def test_the_build_context_holds_what_the_image_copies_and_no_secrets() -> None:
    ignore = read(".dockerignore").splitlines()
    allowed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", read("Dockerfile"), re.MULTILINE)
        for source in line.split()[:-1]
    }

    assert "*" in ignore
    assert copied == allowed


def test_no_part_of_neo4j_is_in_the_tree() -> None:
    assert not [*(ROOT / "app").rglob("*.jar"), *(ROOT / "helm").rglob("*.tgz")]


# --- the chart


@pytest.fixture(scope="module")
def helm() -> str:
    found = shutil.which("helm")
    if not found:
        pytest.skip("SKIPPED FOR WANT OF HELM: the chart was not rendered; .ci/run builds helm where Go is installed")
    return found


def render(helm: str, *given: str) -> dict[str, dict[str, Any]]:
    options = [option for value in given for option in ("--set", value)]
    result = run(helm, "template", "try", CHART, *options)
    assert result.returncode == 0, result.stderr
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(result.stdout) if manifest}


@pytest.fixture(scope="module")
def manifests(helm: str) -> dict[str, dict[str, Any]]:
    return render(helm, *GIVEN, "settings.NEOLIGHT_LLM_TIMEOUT=30", "ingress.enabled=true", "ingress.tlsSecret=tls")


def container(manifests: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return manifests["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def test_the_chart_takes_every_setting_that_is_not_its_own_business() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    assert set(schema["properties"]["settings"]["properties"]) == REAL - SECRET - PLACE - FOLDERS - COMMANDS
    assert set(schema["properties"]["secrets"]["properties"]) == SECRET == set(values["secrets"])


def test_the_chart_names_real_settings_only() -> None:
    texts = [path.read_text(encoding="utf-8") for path in CHART.rglob("*") if path.is_file()]

    assert settings_in("\n".join(texts)) <= REAL


def test_the_chart_is_clean(helm: str) -> None:
    result = run(helm, "lint", "--strict", CHART, "--set", ",".join(GIVEN))

    assert result.returncode == 0, result.stdout + result.stderr
    assert "[WARNING]" not in result.stdout


def test_the_chart_renders_these_kinds(manifests: dict[str, dict[str, Any]]) -> None:
    assert set(manifests) == {"ConfigMap", "Deployment", "Ingress", "Secret", "Service"}


def test_secrets_are_in_the_secret_only(manifests: dict[str, dict[str, Any]]) -> None:
    assert manifests["Secret"]["stringData"] == {"NEO4J_PASSWORD": "secret-word", "OPENAI_API_KEY": "sk-secret"}
    for kind in set(manifests) - {"Secret"}:
        assert not re.search("secret-word|sk-secret", json.dumps(manifests[kind])), kind


@pytest.mark.usefixtures("nothing_set")
def test_settings_reach_the_pod_as_the_program_reads_them(
    manifests: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {entry["name"]: entry["value"] for entry in container(manifests)["env"]}
    for name, value in {**manifests["ConfigMap"]["data"], **manifests["Secret"]["stringData"], **plain}.items():
        monkeypatch.setenv(name, value)

    settings = Settings(_env_file=None)

    assert settings.neo4j_uri == "neo4j://graph:7687"
    assert (settings.host, settings.port) == ("0.0.0.0", 9621)
    assert settings.llm_timeout == 30
    assert settings.chat_provider == "openai"


def test_the_pod_is_probed_and_confined(manifests: dict[str, dict[str, Any]]) -> None:
    pod, main = manifests["Deployment"]["spec"]["template"]["spec"], container(manifests)

    assert main["livenessProbe"]["httpGet"]["path"] == "/health"
    assert main["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}:" in read("Dockerfile")
    assert main["securityContext"]["readOnlyRootFilesystem"] is True
    assert {mount["mountPath"] for mount in main["volumeMounts"]} == {"/tmp", "/data"}
    # Or a Service called neolight would set NEOLIGHT_PORT to a URL.
    assert pod["enableServiceLinks"] is False


def test_service_and_ingress_lead_to_the_pod(manifests: dict[str, dict[str, Any]]) -> None:
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    service, ingress = manifests["Service"], manifests["Ingress"]["spec"]

    assert service["spec"]["selector"].items() <= labels.items()
    assert service["spec"]["ports"] == [{"name": "http", "port": 9621, "targetPort": "http"}]
    assert container(manifests)["ports"] == [{"name": "http", "containerPort": 9621}]
    assert ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] == service["metadata"]["name"]
    assert ingress["tls"] == [{"secretName": "tls", "hosts": [ingress["rules"][0]["host"]]}]


def test_an_existing_secret_takes_the_place_of_the_charts(helm: str) -> None:
    manifests = render(helm, "neo4j.uri=bolt://graph:7687", "existingSecret=mine")

    assert set(manifests) == {"ConfigMap", "Deployment", "Service"}
    assert container(manifests)["envFrom"][1] == {"secretRef": {"name": "mine"}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "is required"),
        (("neo4j.uri=http://graph:7474", "existingSecret=mine"), "/neo4j/uri"),
        ((*GIVEN, "settings.NEOLIGHT_LANGAGE=German"), "NEOLIGHT_LANGAGE"),
    ],
)
def test_the_chart_refuses(given: tuple[str, ...], message: str, helm: str) -> None:
    result = run(helm, "template", "try", CHART, *(option for value in given for option in ("--set", value)))

    assert result.returncode != 0
    assert message in result.stderr


# --- one version, one set of commands


def test_one_version_everywhere(compose: dict[str, Any]) -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))

    assert chart["version"] == chart["appVersion"] == __version__
    assert compose["services"]["neolight"]["image"] == f"neolight:{__version__}"
    assert f"## [{__version__}]" in read("CHANGELOG.md")


def test_make_alone_lists_every_target() -> None:
    listed = set(re.findall(r"^make (\w+) +\S", run("make").stdout, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)

    assert phony
    assert listed == set(phony[1].split())
    assert listed >= {"install", "run", "test", "check", "schema", "bench", "soak", "chaos"}


@pytest.mark.parametrize("script", [".ci/run", "scripts/install", "scripts/wheel_smoke"])
def test_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    shell = read(script).splitlines()[0].rsplit("/", 1)[-1].split()[-1]
    assert run(shell, "-n", script).stderr == ""


def test_hooks_call_the_same_tools() -> None:
    hooks = [hook for repo in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"] for hook in repo["hooks"]]

    assert {hook["language"] for hook in hooks} == {"system"}
    assert "make check" in {hook["entry"] for hook in hooks}
