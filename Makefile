# `make help` lists the targets. Lab, test and demo targets need root; what Debian packages they lack they install.

VERSION  := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
ARCH     := $(shell dpkg --print-architecture)
DEB      := build/ucs-harden_$(VERSION)_$(ARCH).deb
PACKAGED := $(shell find debian ucs docs po schemas -type f) $(wildcard manual/*.md) README.md SECURITY.md CONTRIBUTING.md CHANGELOG.md LICENSE
SOURCES  := $(shell find . -name build -prune -o -name .git -prune -o \( -name '*.go' ! -name '*_test.go' -o -name '*.s' \) -print) go.mod go.sum

# The version is the changelog's; and Go refuses to ask git about a checkout that belongs to someone else.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 20s
# The tests that take longest begin first, so that no core is idle at the end.
LONG := ./tests/cli ./tests/faults ./tests/verdicts ./transaction
COMPANIES ?= 200

all: build ## build the program (the default)

build: build/ucs-harden ## build/ucs-harden, without packaging it

build/ucs-harden: $(SOURCES) debian/changelog
	mkdir -p build
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/ucs-harden

test: dependencies ## all tests: units, lab and package, race detector on (up to half an hour)
	go vet ./...
	go test -race -shuffle=on -count=1 -p 3 -timeout 25m $(LONG) ./...

unit: ## only what runs without root and without a mail server
	go test -race -shuffle=on $$(go list ./... | grep -v '^ucs-harden/tests/')

lab: dependencies ## only the tests on the real mail server
	go test -race -count=1 -timeout 15m ./tests/lab/...

demo: dependencies deb ## the whole story on a real mail server, printed
	go run ./tests/lab/cmd/lab demo $(DEB)

lab-up: dependencies deb ## bring the lab up and leave it up
	go run ./tests/lab/cmd/lab up $(DEB)

lab-down: ## take it down
	go run ./tests/lab/cmd/lab down

bench: dependencies ## times and memory, as ratios
	go test -run '^$$' -bench . ./...

soak: dependencies ## the promises in 200 random companies, and every fault; takes hours
	LAB_THOROUGH=yes go test -count=1 -timeout 12h ./tests/faults ./tests/rehearsal
	go test -count=1 -timeout 12h ./tests/companies -companies $(COMPANIES)

# Several test packages ask for it at once: the first one builds it, the others wait.
deb: ## the Debian package, in build/; prints its path
	@mkdir -p build
	@flock --close build/deb.lock $(MAKE) --silent --no-print-directory $(DEB) >&2
	@echo $(DEB)

# Built from a copy: dpkg-buildpackage leaves its traces there. The last step is one rename, so that nobody sees half a
# package.
$(DEB): $(SOURCES) $(PACKAGED)
	@go mod download
	@mkdir -p build
	@set -e; echo "building $@" >&2; stage=$$(mktemp -d "$$PWD/build/deb.XXXXXX"); trap 'rm -rf "$$stage"' EXIT; \
	mkdir "$$stage/ucs-harden"; tar -c --exclude=./build --exclude=./.git . | tar -x -C "$$stage/ucs-harden"; \
	cd "$$stage/ucs-harden"; \
	GOMODCACHE=$$(go env GOMODCACHE) GOCACHE=$$(go env GOCACHE) GOPROXY=off dpkg-buildpackage -us -uc -b >../log 2>&1 \
		|| { cat ../log >&2; exit 1; }; \
	mv "../$(notdir $(DEB))" "$(CURDIR)/$(DEB)"

# Scripts are found by their first line, so that none is forgotten; parts of scripts are called *.sh and have no such line.
# The maintainer scripts are checked a second time as the package has them, with what debhelper and debian/rules insert.
lint: dependencies deb ## golangci-lint with the import rules, shellcheck on all scripts, codespell, and lintian on the package
	find . -path ./build -prune -o -name .git -prune -o -type f ! -name '*.sh' -exec \
		awk 'FNR == 1 && /^#!.*[ \/](ba|da)?sh( |$$)/ { print FILENAME } { nextfile }' {} + | xargs -d '\n' shellcheck
	find . -path ./build -prune -o -name .git -prune -o -type f -name '*.sh' -exec shellcheck --shell=sh {} +
	set -e; control=$$(mktemp -d); trap 'rm -rf "$$control"' EXIT; \
		dpkg-deb --control $(DEB) "$$control"; shellcheck "$$control"/*inst "$$control"/*rm
	codespell
	grep -h '^Description.en.' ucs/etc/univention/registry.info/variables/*.cfg | codespell -
	lintian --allow-root --fail-on error,warning $(DEB)
	go run $(GOLANGCI) run ./...

fuzz: ## every fuzz test for FUZZTIME (20s)
	set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz' || true); do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; \
		done; \
	done

dependencies: ## install the Debian packages that the tests need and that are missing
	tests/install-dependencies

docs: ## docs/findings.md and docs/variables.md, which are made from the program and from ucs/
	go run -tags man ./cmd/ucs-harden man --documents docs

clean: ## remove what was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

.PHONY: all build test unit lab demo lab-up lab-down bench soak deb lint fuzz docs dependencies clean help
