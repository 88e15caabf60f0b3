# One image with all programs; which one runs is said by its command (k8s/, docs/deploy.md).
# tests/k8s/image_root.py carries these very lines out where no container engine is to be had.
FROM debian:bookworm AS build
ENV DEBIAN_FRONTEND=noninteractive CCACHE_DIR=/var/cache/ccache
WORKDIR /src
COPY scripts/setup scripts/wheels.txt scripts/
RUN scripts/setup
COPY . .
RUN --mount=type=cache,target=/var/cache/ccache \
    cmake --preset release -DBUILD_TESTING=OFF && \
    cmake --build --preset release --target strata_programs --parallel 2 && \
    cmake --install build/release --component programs --prefix /opt/strata --strip

FROM debian:bookworm-slim
# Arrow's wheel was built elsewhere and looks for the authorities of https where Debian does not keep them.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
COPY --from=build /opt/strata /usr/local
RUN apt-get update -qq && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(cat /usr/local/share/strata/runtime-packages) && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
# A number, so that Kubernetes can see that it is not root without looking into the image.
USER 65532:65532
CMD ["strata", "--help"]
