# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides, run verbatim: each code block of a page, in its order, and the statements about it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import guides
import pytest
import through
import world
import yaml

pytestmark = pytest.mark.one_engine("the guides are the same for all engines")

# Paths of a host in the examples: they are replaced by paths below the directory of the test.
PATHS = re.compile(r"(?<![\w/.:])/(?:srv|etc)/[\w./-]*")
PROGRAMS = {
    "bin/pg_isready": "test -e /var/lib/postgresql/data",
    "bin/pg_dump": "echo '-- the tables of the shop'",
}


class Reader:
    """Follows a guide: saves its files and runs its commands in a separate directory."""

    def __init__(self, directory: Path, play: Callable[..., Any], client: Any, engine: Any) -> None:
        self.directory, self.play, self.client, self.engine = directory, play, client, engine
        self.places: dict[str, str] = {}
        self.inside = True  # in the engine's network
        self.environment: dict[str, str] = {}

    def program(self, name: str, script: str) -> None:
        """Install a program that takes precedence over others of its name."""
        path = self.directory / "programs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
        path.chmod(0o755)
        self.environment["PATH"] = "%s:%s" % (path.parent, os.environ["PATH"])

    def put(self, text: str) -> str:
        """A text of a guide with its names replaced by local ones."""
        for name, here in self.places.items():
            text = text.replace(name, here)
        return PATHS.sub(lambda found: str(self.directory) + found[0], text)

    def save(self, name: str, text: str) -> Path:
        path = self.directory / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.put(text), encoding="utf-8")
        return path

    def docker(self, line: str) -> str:
        """Run a command line of docker in a shell, as on the engine's host. Returns its output."""
        environment = {"PATH": os.defpath, "DOCKER_HOST": self.engine.url, "HOME": str(self.directory)}
        argv = self.engine.enter(["bash", "-c", self.put(line)])
        return subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout

    def command(self, line: str, failed: bool = False, **environment: str) -> Any:
        """Run a command line of Ansible."""
        given: dict[str, Any] = {**self.environment, **environment}
        done = self.play(shlex.split(self.put(line)), inside=self.inside, **given)
        assert (done.code != 0) == failed, line + "\n" + done.output
        return done

    def tasks(self, *tasks: str, failed: bool = False, options: str = "", **environment: str) -> Any:
        """Run tasks of a guide as a play on localhost."""
        self.save("tasks.yml", guides.play_of(*tasks))
        return self.command("ansible-playbook tasks.yml " + options, failed, **environment)

    def standing(self) -> dict[str, tuple[str, str]]:
        """Name → image and state."""
        return {found["Names"][0][1:]: (found["Image"], found["State"]) for found in self.client.containers(all=True)}


@pytest.fixture
def reader(
    tmp_path: Path, play: Callable[..., Any], client: Any, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, play, client, engine)


@pytest.fixture(scope="session")
def image_tar(rootfs_tar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs that the examples run, as the file system of an image."""
    path = tmp_path_factory.mktemp("guides") / "image.tar"
    shutil.copy(rootfs_tar, path)
    world.add_programs(path, PROGRAMS)
    return path


@pytest.fixture
def images(client: Any, image_tar: Path) -> Callable[..., None]:
    """``images(name, ..., name=command, ...)``: images with these names; without a command, it is the server."""

    def make(*names: str, **commands: str) -> None:
        for name, command in [*((name, "server") for name in names), *commands.items()]:
            repository, _colon, tag = name.rpartition(":")
            client.import_image_from_file(str(image_tar), repository=repository, tag=tag, changes=["CMD " + command])

    return make


def changed(played: Any) -> int:
    return sum(int(host["changed"]) for host in played.stats.values())


def has(text: str, lines: str) -> None:
    """Assert that a text contains each line of a block of a guide, wherever the text breaks its lines."""
    text = " ".join(text.split())
    for line in lines.splitlines():
        assert " ".join(line.split()) in text, line


def without_ids(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{12}\b", "ID", text)


def actions(played: Any) -> list[str]:
    """The actions that the role service reports."""
    [found] = [
        entry["result"]["msg"]
        for entry in played.results
        if entry["action"].endswith("debug") and isinstance(entry["result"].get("msg"), list)
    ]
    return list(found)


def test_three_services(reader: Reader, images: Callable[..., None]) -> None:
    shop, foresee, run, done, upgrade, replaced, failing, message, back, backup, save, remove = (
        text for _kind, text in guides.blocks("three_services")
    )
    images("postgres:17", "nginx:1.29", "shop/api:1.0", "shop/api:2.0")
    images(**{"shop/api:2.1": "echo cannot read the configuration; exit 1"})
    reader.save("shop.yml", shop)

    assert actions(reader.command(foresee)) == done.splitlines()
    assert reader.standing() == {}
    first = reader.command(run)
    assert actions(first) == done.splitlines() and "secret" not in first.output
    assert changed(reader.command(run)) == 0

    assert without_ids("\n".join(actions(reader.command(upgrade)))) == without_ids(replaced.strip())
    second = reader.standing()
    assert second["shop-api"] == ("shop/api:2.0", "running")
    assert second["shop-api.wharf-previous-1"] == ("shop/api:1.0", "exited")

    failed = reader.command(failing, failed=True)
    has(failed.output.replace("\\n", " "), message)
    assert reader.standing() == second

    reader.command(back)
    assert reader.standing()["shop-api"] == ("shop/api:1.0", "running")

    reader.save("backup.yml", backup)
    (reader.directory / "srv" / "backup").mkdir(parents=True, mode=0o700)
    reader.command(save)
    assert (reader.directory / "srv/backup/shop.sql").read_text(encoding="utf-8") == "-- the tables of the shop"
    for name in ("shop-api", "shop-web"):
        assert (reader.directory / "srv/backup" / name / (name + ".tar.gz")).exists()

    reader.command(remove)
    assert reader.standing() == {}
    assert "shop-data" in [volume["Name"] for volume in reader.client.volumes()["Volumes"]]


def test_execution(reader: Reader) -> None:
    said, task = (text for _kind, text in guides.blocks("execution"))
    there = said.splitlines()[0].partition("container_run")[2]
    assert there.replace("direct", "module").partition("since")[0] in reader.tasks(task, options="-vv").output
    plain = task.partition("  vars:")[0]
    assert there in reader.tasks(plain, options="-vv").output


def test_registries(reader: Reader, images: Callable[..., None], locked_registry: str) -> None:
    login, run, run_once, helper = (text for _kind, text in guides.blocks("registries"))
    name = locked_registry + "/shop/api"
    images(name + ":1.0")
    secret = {"username": "ali", "password": "open sesame"}
    assert "errorDetail" not in reader.client.push(name, "1.0", auth_config=secret)

    def forget() -> None:
        for container in reader.client.containers(all=True):
            reader.client.remove_container(container, force=True)
        reader.client.remove_image(name + ":1.0")

    forget()
    reader.places["registry.example.com"] = locked_registry
    reader.environment.update(HOME=str(reader.directory), DOCKER_CONFIG="")
    assert "Cannot pull the image" in reader.tasks(run, failed=True).output

    # It needs no stored login, and would find none: the stored credentials are removed.
    given = {"registry_user": "ali", "registry_password": "open sesame"}
    played = reader.tasks(run_once, options="-vvv -e '%s'" % json.dumps(given))
    assert played.result("Run the API")["pulled"]["image"] == name + ":1.0"
    assert given["registry_password"] not in "".join(line for line in played.output.splitlines() if "-e" not in line)
    assert not list((reader.directory / "etc/shop/docker").iterdir())

    forget()
    reader.save("password.txt", "open sesame")
    reader.docker(login)
    assert changed(reader.tasks(run)) == 1

    forget()
    reader.save(".docker/config.json", helper)
    answer = json.dumps({"ServerURL": locked_registry, "Username": "ali", "Secret": "open sesame"})
    reader.program("docker-credential-pass", "read -r name; test $name = %s && echo '%s'\n" % (locked_registry, answer))
    assert changed(reader.tasks(run)) == 1


def test_secrets(reader: Reader, images: Callable[..., None]) -> None:
    run, masked, look, patterns, file, command = (text for _kind, text in guides.blocks("secrets"))
    images("postgres:17", "shop/worker:1")
    secret, other = "correct-horse", "battery-staple"

    def play(value: str, *tasks: str) -> Any:
        variables = json.dumps({"vault_password": value, "vault_licence": "AB-%s" % value})
        reader.save("variables.json", variables)
        played = reader.tasks(*tasks, options="--diff -vvv -e @variables.json")
        assert value not in played.output + json.dumps(played.results)
        return played

    before, after = masked.splitlines()
    assert before in play(secret, run, look).output
    environment = reader.client.inspect_container("db")["Config"]["Env"]
    assert "POSTGRES_PASSWORD=" + secret in environment and "POSTGRES_DB=shop" in environment
    again = play(other, run, look, patterns)
    assert before in again.output and after in again.output
    found = again.result("Look at the database")["container"]["Config"]["Env"]
    assert "POSTGRES_PASSWORD=********" in found and "POSTGRES_DB=shop" in found
    worker = again.result("Run a worker")["container"]["Config"]["Env"]
    assert "LICENCE=********" in worker and "CACHE_KEY=build-17" in worker
    assert changed(play(other, run, look, patterns)) == 0

    (reader.directory / "etc/shop").mkdir(parents=True)
    play(secret, file, command)
    assert secret not in json.dumps(reader.client.inspect_container("db"))
    assert secret in inside(reader, "db", "cat /run/secrets/password /tmp/statement")


def inside(reader: Reader, container: str, command: str) -> str:
    """The output of a command in a container."""
    identity = reader.client.exec_create(container, ["sh", "-c", command])["Id"]
    return str(reader.client.exec_start(identity).decode())


def test_tls_and_contexts(reader: Reader) -> None:
    by_ssh, tls, by_environment, create, context, whole_play = (
        text for _kind, text in guides.blocks("tls_and_contexts")
    )
    there = "%s %s %s" % (sys.executable, through.__file__, reader.engine.url)
    reader.program("ssh", "exec %s\n" % there)
    reader.environment.update(HOME=str(reader.directory), DOCKER_CONFIG="", DOCKER_HOST="")
    found = reader.tasks(by_ssh).result("List the containers of another host")
    assert found["containers"] == []

    reader.docker("unset DOCKER_HOST; " + create)
    for task in (context, context.partition("  environment:")[0]):
        found = reader.tasks(task).result("List the containers of the engine of a context")
        assert found["containers"] == []
    reader.save("play.yml", whole_play)
    assert reader.command("ansible-playbook play.yml").result("List the containers")["containers"] == []

    directory = reader.directory / "etc/shop/tls"
    certificates(directory)
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    secure.load_verify_locations(directory / "ca.pem")
    secure.verify_mode = ssl.CERT_REQUIRED
    with through.through(reader.engine.url, secure) as way:
        reader.places["tcp://host.example.com:2376"] = way.url
        reader.inside = False
        for task in (tls, by_environment):
            found = reader.tasks(task).result("List the containers of an engine with TLS")
            assert found["containers"] == [] and "warnings" not in found


def certificates(directory: Path) -> None:
    """Write ca.pem, an authority, and cert.pem and key.pem, signed by it for 127.0.0.1."""
    directory.mkdir(parents=True)
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=engine -keyout key.pem -out request",
        "x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem",
    ):
        subprocess.run(["openssl", *line.split()], cwd=directory, check=True, capture_output=True)


def test_many_hosts(reader: Reader, images: Callable[..., None]) -> None:
    hosts, on_them, line, from_here, said, serial, restart = (text for _kind, text in guides.blocks("many_hosts"))
    images("nginx:1.29")
    images(**{"nginx:1.30": "exit 1"})
    # All ssh connections lead to this host: the last word is the command. Connections to the engine are recognised.
    there = "%s %s %s" % (sys.executable, through.__file__, reader.engine.url)
    own = "case $* in *dial-stdio*) exec %s ;; esac\n" % there
    reader.program("ssh", own + 'while [ $# -gt 1 ]; do shift; done\nexec sh -c "$1"\n')
    reader.environment.update(ANSIBLE_SSH_TRANSFER_METHOD="piped", ANSIBLE_BECOME_METHOD="su")
    reader.save("hosts.ini", hosts.partition("web2")[0])
    reader.save("web.yml", on_them)
    one, other = said.splitlines()

    first = reader.command(line + " -vv")
    assert changed(first) == 1 and one in first.output
    reader.save("web.yml", from_here)
    second = reader.command(line + " -vv")
    assert changed(second) == 0 and other in second.output

    reader.save("hosts.ini", hosts)
    reader.save("web.yml", serial)
    failed = reader.command(line, failed=True)
    assert list(failed.stats) == ["web1.example.com"], failed.output
    assert reader.standing() == {"web": ("nginx:1.29", "running")}

    reader.client.remove_container("web", force=True)
    for name in ("shop-a", "shop-b"):
        reader.client.create_container("nginx:1.29", name=name, labels={"app": "shop"})
        reader.client.start(name)
    assert len(reader.tasks(restart).result("Restart all containers of the shop")["actions"]) == 2


def test_configuration_files(reader: Reader, images: Callable[..., None]) -> None:
    by_signal, restart, replace, variables = (text for _kind, text in guides.blocks("configuration_files"))
    images("shop/api:1.0")
    images(**{"nginx:1.29": "if grep -q broken /etc/nginx/conf.d/*; then exit 1; fi; exec server"})
    reader.save("web.yml", by_signal)
    reader.command("ansible-playbook web.yml")
    before = reader.client.inspect_container("web")
    # This container mounts the single file.
    single = str(reader.directory / "etc/shop/web/shop.conf") + ":/single"
    host = reader.client.create_host_config(binds=[single])
    reader.client.start(reader.client.create_container("nginx:1.29", name="single", command="server", host_config=host))

    reader.command("ansible-playbook web.yml -e server_name=other.example.com")
    assert "other.example.com" in inside(reader, "web", "cat /etc/nginx/conf.d/shop.conf")
    assert "shop.example.com" in inside(reader, "single", "cat /single")
    after = reader.client.inspect_container("web")
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
    assert b"reading the configuration again" in reader.client.logs("web")
    assert changed(reader.command("ansible-playbook web.yml -e server_name=other.example.com")) == 0

    reader.client.restart("single", 0)
    assert "other.example.com" in inside(reader, "single", "cat /single")
    reader.tasks(restart)
    assert reader.client.inspect_container("web")["State"]["StartedAt"] != before["State"]["StartedAt"]

    good = reader.tasks(replace, options="-e configuration=good")
    assert "labels.configuration" in good.result("Run the web server")["actions"][0]
    assert changed(reader.tasks(replace, options="-e configuration=good")) == 0
    foreseen = reader.tasks(replace, options="-e configuration=broken --check --diff")
    assert foreseen.result("Run the web server")["changed"]
    reader.tasks(replace, options="-e configuration=broken", failed=True)
    assert "good" in inside(reader, "web", "cat /etc/nginx/conf.d/shop.conf")

    reader.save("/etc/shop/api.env", "WORKERS=4\n")
    reader.tasks(variables)
    reader.save("/etc/shop/api.env", "WORKERS=8\n")
    assert "env" in reader.tasks(variables).result("Run the API")["actions"][0]


def test_volumes_and_backups(reader: Reader, images: Callable[..., None]) -> None:
    create, backup, run, look, listed, check, members, volume, container = (
        text for _kind, text in guides.blocks("volumes_and_backups")
    )
    images("postgres:17", "nginx:1.29")
    reader.tasks(create)
    data = {"shop-db": "/var/lib/postgresql/data", "shop-web": "/srv/uploads"}
    for name, path in data.items():
        inside(reader, name, "echo data of %s > %s/file" % (name, path))
    reader.save("backup.yml", backup)
    reader.command(run)

    found, shown = (re.sub(r"\d{8}T\d{6}Z", "DATE", text) for text in (reader.docker(look), reader.put(listed)))
    assert found == shown
    assert reader.docker(check).endswith(": OK\n")
    assert "./file" in reader.docker(members).splitlines()

    before = {name: reader.client.inspect_container(name) for name in data}
    reader.tasks(volume, container)
    for name, path in data.items():
        assert inside(reader, name + "-restored", "cat %s/file" % path) == "data of %s\n" % name
    assert {name: reader.client.inspect_container(name) for name in data} == before


def test_check_mode_in_ci(reader: Reader, images: Callable[..., None]) -> None:
    site, line, lines, replaced, updated, compare = (text for _kind, text in guides.blocks("check_mode_in_ci"))
    images("nginx:1.29")
    reader.save("site.yml", site)
    reader.command("ansible-playbook site.yml")
    before = reader.client.inspect_container("web")

    more = site.replace("64m", "128m")
    reader.save("site.yml", more.replace('WORKERS: "4"', 'WORKERS: "8"'))
    foreseen = reader.command(line)
    has(foreseen.output, lines)
    assert foreseen.result("Run the web server")["actions"] == [replaced.strip()]
    reader.save("site.yml", more)
    assert reader.command(line).result("Run the web server")["actions"] == [updated.strip()]
    assert reader.client.inspect_container("web") == before

    reader.tasks(compare)
    reader.client.update_container("web", mem_limit="32m", memswap_limit="64m")
    assert "memory" in reader.tasks(compare, failed=True).results[-1]["result"]["actions"][0]


def test_from_docker_run_and_compose(reader: Reader, images: Callable[..., None]) -> None:
    run, task, ask, warned, compose, role = (text for _kind, text in guides.blocks("from_docker_run_and_compose"))
    images("nginx:1.29", "postgres:17")
    reader.docker(run)
    before = reader.client.inspect_container("web")
    assert changed(reader.tasks(task)) == 0
    assert reader.client.inspect_container("web")["Id"] == before["Id"]
    asked = reader.command(ask).results[0]["result"]
    [warning] = asked["warnings"]
    assert set(asked["dropped"]) == set(warned.partition("give: ")[2].rstrip(".\n").split(", "))
    has(warning, warned.partition("give: ")[0])
    reader.client.remove_container("web", force=True)

    # The Compose file and the role describe the same containers.
    services = yaml.safe_load(compose)["services"]
    made = {each["name"][5:]: each for each in yaml.safe_load(role)[0]["roles"][0]["vars"]["service_containers"]}
    assert list(services) == list(made)
    for name, service in services.items():
        spec = made[name]
        assert (service["image"], service.get("healthcheck")) == (spec["image"], spec.get("healthcheck"))
        assert service.get("environment") == spec.get("env") and service.get("ports") == spec.get("published_ports")
        assert ["shop-" + each for each in service.get("volumes", [])] == spec.get("volumes", [])
    reader.save("shop.yml", role)
    reader.command("ansible-playbook shop.yml")
    assert {name: state for name, (_image, state) in reader.standing().items()} == dict.fromkeys(
        ("shop-db", "shop-web"), "running"
    )


def test_molecule_and_others(reader: Reader, images: Callable[..., None]) -> None:
    lint, site, said, *scenario, line, run, settings = (text for _kind, text in guides.blocks("molecule_and_others"))
    images("nginx:1.29")
    programs = Path(sys.executable).parent
    path = "%s:%s" % (programs, os.environ["PATH"])
    reader.environment.update(PATH=path, HOME=str(reader.directory), NO_COLOR="1")
    reader.save("site.yml", site)
    has(reader.command(lint, failed=True).output, said)
    reader.save("site.yml", site.replace("published_port:", "published_ports:"))
    reader.command(lint)

    for name, text in zip(("molecule", "converge", "verify", "cleanup"), scenario, strict=True):
        reader.save("molecule/default/%s.yml" % name, text)
    tested = reader.command("python -m " + line, PYTHONPATH=str(guides.molecule()))
    assert [(entry["task"], bool(entry["result"].get("changed"))) for entry in tested.results] == [
        ("Run the web server", True),
        ("Run the web server", False),
        ("Look at the web server", False),
        ("Check that it runs", False),
        ("Remove the web server", True),
    ]
    assert reader.standing() == {}

    # The settings are read, and an unknown one is refused. No image of an execution environment is available here.
    settings = settings.replace("src: /var/run/docker.sock", "src: " + reader.engine.url.removeprefix("unix://"))
    reader.save("ansible-navigator.yml", settings)
    reader.save("site.yml", site.replace("published_port:", "env_secret: {DB: tr0ub4dor}\n        published_ports:"))
    program = "python -m ansible_navigator" + run.removeprefix("ansible-navigator")
    for changed in (1, 0):
        ran = reader.command(program, PYTHONPATH=str(guides.navigator()))
        assert re.search(r"localhost +: ok=1 +changed=%d " % changed, ran.output), ran.output
    written = [path.read_text() for path in reader.directory.glob("site-artifact-*.json")]
    assert written
    assert not any("tr0ub4dor" in text for text in written)
    reader.save("ansible-navigator.yml", settings.replace("volume-mounts", "volume-mount"))
    has(reader.command(program, failed=True, PYTHONPATH=str(guides.navigator())).output, "volume-mount")
