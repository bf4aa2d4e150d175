# One daemon with Csound inside. The workspace is the volume /workspace; /healthz says whether it lives.

FROM debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /opt/pip
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY clients/python clients/python
COPY csoundd csoundd
RUN /opt/pip/bin/pip wheel --no-cache-dir --wheel-dir /wheels '.[tls]'
# Installed here, so that the image that is kept needs no pip.
# Nothing in it is ever tested or type-checked, so the packages' own tests stay behind.
RUN python3 -m venv --without-pip /opt/csoundd \
 && /opt/pip/bin/pip --python /opt/csoundd/bin/python install --no-cache-dir --no-index --find-links /wheels 'csoundd[tls]' \
 && find /opt/csoundd -type d -name tests -prune -exec rm -rf {} +

# The embedded engine, for code that nobody vouches for: made once here, with npm, which the image that is kept has no use for.
FROM build AS embedded
RUN apt-get update \
 && apt-get install -y --no-install-recommends nodejs npm \
 && rm -rf /var/lib/apt/lists/*
RUN XDG_CACHE_HOME=/opt/csoundd/cache /opt/csoundd/bin/csoundd engine install wasm \
 && chmod -R a+rX /opt/csoundd/cache

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="csoundd" \
      org.opencontainers.image.description="A daemon that plays Csound and opens its whole API to WebSocket and OSC" \
      org.opencontainers.image.licenses="MIT AND LGPL-2.1-or-later"
# Csound 7 came with the packages, in the one that carries it.
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /workspace --shell /usr/sbin/nologin csoundd \
 && install -d -o csoundd -g csoundd /workspace
COPY --from=embedded /opt/csoundd /opt/csoundd
COPY LICENSE /usr/share/doc/csoundd/copyright
# Csound's notice and licence, and those of what is built into it, travel with it: also csoundd engine list --licences.
COPY csoundd/licences/*.txt /usr/share/doc/csound/
# A new volume begins with these in it.
COPY --chown=csoundd:csoundd examples /workspace/examples
ENV PATH=/opt/csoundd/bin:$PATH XDG_CACHE_HOME=/opt/csoundd/cache
USER csoundd
WORKDIR /workspace
VOLUME /workspace
EXPOSE 7700/tcp 7700/udp 7701/tcp 7702/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7700/healthz', timeout=2)"]
ENTRYPOINT ["csoundd"]
# Within the container the daemon listens to everybody who reaches it: publish its ports to loopback only, as
# compose.yaml does. Without "--auth", "off" and with a folder as --state, who connects needs a token. What is sent to a
# published port arrives from the gateway of the container's network, which is a private one: OSC from there may do what
# this machine's own may, but for admin.
CMD ["serve", "--host", "0.0.0.0", "--insecure", "--auth", "off", "--workspace", "/workspace", \
     "--osc-allow", "10.0.0.0/8=compile", "--osc-allow", "172.16.0.0/12=compile", "--osc-allow", "192.168.0.0/16=compile"]
