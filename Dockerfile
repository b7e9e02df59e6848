# One static binary and the certificates of public servers, for a user without
# rights. Build with:
# docker build --build-arg VERSION=$(git describe --tags --always) --build-arg COMMIT=$(git rev-parse HEAD) -t yeok .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$VERSION -X main.commit=$COMMIT" -o /yeok ./cmd/yeok \
 && mkdir -p /var/lib/yeok

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /yeok /yeok
COPY --from=build --chown=65532:65532 /var/lib/yeok /var/lib/yeok
USER 65532:65532
VOLUME /var/lib/yeok
# Doors beyond loopback need YEOK_KEYS_FILE (see docs/operations.md); without it the
# container says so and ends.
ENV YEOK_STORE=/var/lib/yeok/yeok.db \
    YEOK_HTTP_ADDR=0.0.0.0:8080 \
    YEOK_GRPC_ADDR=0.0.0.0:9090 \
    YEOK_LOG_FORMAT=json
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/yeok"]
CMD ["serve"]
