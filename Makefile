# Every tool is pinned here and run from its module; nothing is installed.
BUF         := go run github.com/bufbuild/buf/cmd/buf@v1.69.0
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI    := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0

# Static, and the same bytes wherever and whenever it is built.
STATIC_BUILD = CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -buildid= -X main.version=$(VERSION) -X main.commit=$(COMMIT)'

COMMIT   ?= $(shell git rev-parse -q --verify HEAD 2>/dev/null || echo unknown)
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null)
# What the protos must stay compatible with: what has landed, else the last commit.
BASE     ?= $(shell git rev-parse -q --verify origin/main || git rev-parse -q --verify HEAD)
FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help build reproducible test race lint fuzz microbench bench bench-smoke eval eval-model demo demo-clean e2e chaos chaos-smoke generate generate-check third-party vulncheck go python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: python ## a first look: one Korean page in four languages, with a model if none is there
	@python3 demo/run.py
demo-clean: python ## remove the model that the demo fetched
	@python3 demo/model.py remove
build: go ## build bin/yeok
	$(STATIC_BUILD) -o bin/yeok ./cmd/yeok
reproducible: go ## build twice, from two folders and without a cache, and compare
	@work=$$(mktemp -d); trap 'chmod -R u+w "$$work"; rm -rf "$$work"' EXIT; set -e; \
	  git ls-files -co --exclude-standard | tar -cT - | tar -xC "$$work"; \
	  $(STATIC_BUILD) -o "$$work/first" ./cmd/yeok; \
	  (cd "$$work" && GOCACHE="$$work/.cache" $(STATIC_BUILD) -o "$$work/second" ./cmd/yeok); \
	  sha256sum "$$work/first" "$$work/second"; cmp "$$work/first" "$$work/second"
test: go python ## the tests
	go test ./...
	python3 -m unittest discover demo

race: go ## the Go tests under the race detector (needs a C compiler)
	go test -race ./...
e2e: go python ## the whole with a real model, which is fetched once
	go test -tags e2e -count 1 -timeout 30m -v ./e2e
eval: go ## the checks against sets of known translations; tables into docs/eval.md
	go run ./eval -write
eval-model: go python ## yeok beside one naive prompt on the local model, which takes long
	go run ./eval -model -write
chaos: go ## gateways, Redis, model and disk broken on purpose; 25 minutes (a full disk: as root)
	go run ./chaos -limit 45m
chaos-smoke: go ## the same, small: two minutes
	go run ./chaos -smoke -limit 8m
fuzz: go ## every fuzz target for FUZZTIME (30s)
	@go list ./... | while read -r package; do \
	  for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x "$$package" || exit 1; \
	  done; \
	done
microbench: go ## the Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...
bench: go ## yeok beside its peers, written to docs/benchmarks.md (Linux, 20 minutes, a quiet machine)
	cd bench/wire && go run . -quiet 10m -write ../../docs/benchmarks.md
bench-smoke: go ## the same, tiny: only whether it runs
	cd bench/wire && go run . -smoke -limit 5m
lint: go ## protos, vet, staticcheck, golangci-lint, gofmt
	$(BUF) lint
	@if git cat-file -e '$(BASE):buf.yaml' 2>/dev/null; \
	  then set -x; $(BUF) breaking --against '.git#ref=$(BASE)'; \
	  else echo 'buf breaking: nothing to compare with yet'; fi
	go vet ./...
	go vet -tags e2e ./e2e
	cd bench/wire && go vet ./...
	$(STATICCHECK) -tags e2e ./...
	$(GOLANGCI) run
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	  test -z "$$unformatted" || { echo "not gofmt-ed: $$unformatted"; exit 1; }
vulncheck: go ## known vulnerabilities; skipped, loudly, where their list cannot be reached
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; $(GOVULNCHECK) ./... >"$$log" 2>&1; status=$$?; cat "$$log"; \
	  if grep -q 'govulncheck: fetching vulnerabilities' "$$log"; \
	  then echo '*** SKIPPED vulncheck: the list of vulnerabilities cannot be reached from here'; \
	  else exit $$status; fi

generate: go ## Go code and OpenAPI from the protos
	$(BUF) generate
third-party: go ## Google's API protos, printed from the pinned modules
	cd third_party/printprotos && go run . ..
generate-check: ## fail when what is generated is not what is committed
	@state() { git ls-files -co --exclude-standard api third_party | while read -r f; do echo "$$f $$(git hash-object "$$f")"; done; }; \
	  before=$$(state); $(MAKE) --no-print-directory third-party generate && \
	  test "$$before" = "$$(state)" || { echo 'generated files were stale; commit what make generate third-party made of them'; exit 1; }

go:
	@command -v go >/dev/null || { echo 'Go 1.26 is missing: https://go.dev/doc/install (macOS: brew install go)'; exit 1; }
python:
	@command -v python3 >/dev/null || { echo 'Python 3.9 or newer is missing (Debian: apt-get install python3 python3-pip)'; exit 1; }
