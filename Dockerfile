# faultline as an image: docker build -t faultline . && docker run --rm --init -v "$PWD:/work" faultline run scenario.yaml
#
# The base is pinned to one release of Node. To pin the very bytes, put its digest behind the tag:
# docker buildx imagetools inspect node:22.21.1-bookworm-slim
ARG NODE_IMAGE=node:22.21.1-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY . .
# Builds as well, and what is only needed for that goes again.
RUN npm ci --no-audit --no-fund \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
  FAULTLINE_STATE_DIR=/tmp/faultline-state
WORKDIR /opt/faultline
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/bin bin
COPY --from=build /build/dist dist
COPY --from=build /build/schema schema
COPY --from=build /build/scenarios scenarios
COPY --from=build /build/node_modules node_modules
# As a number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 1000:1000
# Scenarios are mounted here, and reports are written here.
WORKDIR /work
ENTRYPOINT ["node", "/opt/faultline/bin/faultline.js"]
CMD ["--help"]
