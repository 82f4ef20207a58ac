# One image for every service: it holds `manage`, which serves each of them (`manage serve NAME`).
#
#   docker build --tag smart-assistant .
#
# The dependencies are a layer of their own, built from the manifests alone: a change of our code does not build
# them again.

ARG RUST_IMAGE=rust:1-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

# The manifests, and an empty file for each target that they name, so that cargo accepts the workspace. The next
# stage's layer is reused as long as these files are the same, whatever else changed.
FROM ${RUST_IMAGE} AS manifests
WORKDIR /all
COPY . .
RUN mkdir /manifests \
    && find . -name Cargo.toml -o -name Cargo.lock -o -name rust-toolchain.toml | xargs cp --parents --target-directory=/manifests \
    && find . -path '*/src/lib.rs' -o -path '*/src/main.rs' -o -path '*/benches/*.rs' | while read -r file; do \
         mkdir -p "/manifests/$(dirname "$file")" && echo 'fn main() {}' > "/manifests/$file"; \
       done \
    && find /manifests -exec touch --date=@0 {} +

FROM ${RUST_IMAGE} AS build
WORKDIR /build
ENV CARGO_INCREMENTAL=0 CARGO_TERM_PROGRESS_WHEN=never
COPY --from=manifests /manifests .
RUN cargo build --release --locked --package manage
COPY . .
# Newer than the empty files that were built above, whenever they were really written.
RUN find . -name '*.rs' -not -path './target/*' -exec touch {} + \
    && cargo build --release --locked --package manage \
    && mkdir -p /out/data && cp target/release/manage /out/manage

# What the tests need beside the source, which is mounted, and its dependencies, which go into a volume
# (docker-compose.test.yml). Not a part of
# the image: it is built when it is asked for.
FROM ${RUST_IMAGE} AS tests
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql redis-server python3-venv nodejs npm iproute2 nftables \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 tests \
    && install --directory --owner=tests /cache /source
USER tests
ENV CARGO_HOME=/cache/cargo CARGO_TARGET_DIR=/cache/target CARGO_INCREMENTAL=0 CARGO_TERM_PROGRESS_WHEN=never
WORKDIR /source
# A copy, which tests may write to, without what is nobody's business here: above all `.env`, whose secrets and
# addresses are those of a real installation. The copy has the files' own times, so that only changes are compiled.
ENTRYPOINT ["sh", "-c", "tar --create --directory=/mnt/source --exclude=./.env --exclude=./.git --exclude=./data --exclude='*.backup' --exclude=./target . | tar --extract && exec cargo run --quiet --locked --package manage -- test --local \"$@\"", "tests"]

FROM ${RUNTIME_IMAGE}
# The certificate authorities that TLS to the model, Telegram, Google and the weather needs.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/manage /usr/local/bin/manage
# Made with its owner, so that a volume mounted here is writable: `manage run` keeps everything in it.
COPY --from=build --chown=10001:10001 /out/data /data
ENV DATA_DIR=/data LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
# It stops by SIGTERM, and must get it: no shell in between.
ENTRYPOINT ["/usr/local/bin/manage"]
CMD ["--help"]
