# What is pinned here is run by version, so that everybody lints alike.
STATICCHECK   = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK   = golang.org/x/vuln/cmd/govulncheck@v1.9.0
export NFPM      = github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.1
export CYCLONEDX = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# Modules of their own, so that what they are built on is no dependency of mfabot.
MODULES = house cmd/mfabot/internal/post/toxiproxy

.PHONY: build reproducible package image test-package sbom demo test test-real test-imap simulate simulate-broken fuzz lint house bench bench-lists bench-drain clean

# What is built on Linux needs nothing of the machine that it runs on, and has the time zones for where there are none. Names
# resolve by /etc/resolv.conf and /etc/hosts alone.
LINUX_TAGS = netgo,osusergo,sqlite_omit_load_extension,timetzdata
LINUX_LINK = -s -w -linkmode external -extldflags -static
LINUX      = -tags $(LINUX_TAGS) -ldflags "$(LINUX_LINK)"

OUT = bin/mfabot

# The commit is in it, whatever GOFLAGS says; not where there is no clone, but only its files or another worktree of one.
STAMP = -buildvcs=$(if $(wildcard .git/HEAD),true,false)

build: ## bin/mfabot: the same bytes from the same commit, wherever it is built
	go build -trimpath $(STAMP) $(if $(filter linux,$(shell go env GOOS)),$(LINUX)) -o $(OUT) ./cmd/mfabot

reproducible: ## builds the commit twice, in two folders with nothing in common, and compares
	sh packaging/reproducible.sh

# The architecture to package for: that of this machine, or the other one of amd64 and arm64, for which its cross compiler is needed.
ARCH = $(shell go env GOARCH)

package: ## bin/mfabot_*_$(ARCH).deb
	sh packaging/deb/build.sh $(ARCH)

image: ## the container image "mfabot" of this machine's architecture, by buildah, from nothing but what is built here
	sh packaging/image.sh

sbom: build ## bin/mfabot.cdx.json: what is built into bin/mfabot, as CycloneDX
	go run $(CYCLONEDX) bin -json -output bin/mfabot.cdx.json bin/mfabot

test-package: ## the package and its unit looked at, installed, run, upgraded and removed in a Debian of its own: as root
	sh packaging/deb/test.sh

demo: ## the whole process on embedded mail servers, in under a minute
	@# A demonstration can do without optimisation, which is most of the time of a first build.
	CGO_CFLAGS="-O0 -g0" go build -gcflags="all=-l -dwarf=false" -o bin/mfabot-demo ./cmd/mfabot
	bin/mfabot-demo demo

# The tests that start the whole program again and again, as people do, those that teach, and those that read every line of
# every letter: with the race detector each start takes a second, and a lesson or a line six times as long.
PROGRAM = ^(TestScripts|TestStories|TestFrozen|TestTaught|TestExamples|TestOdd|TestNoLineIsACommand|TestNoLineOfOursIsACommand)$$

test: ## every test that needs no server of the machine's
	go test -race -timeout 30m -skip '$(PROGRAM)' ./...
	go test -timeout 30m -run '$(PROGRAM)' ./cmd/mfabot ./notify ./parser/...
	cd house && go test ./...

# How often the bot is killed while it works.
KILLS = 200

test-real: test-package ## the package, and the tests against real servers and a real browser, which it installs where missing: with kills and network trouble
	sh cmd/mfabot/internal/post/install-servers.sh
	sh cmd/mfabot/internal/page/testdata/browser/install.sh
	KILLS=$(KILLS) go test -race -tags real -run 'Real|Dovecot' -skip '$(OTHER_IMAP)|$(ON_SERVER)' -count 1 -timeout 30m \
		./cmd/mfabot/... ./intake/... ./notify ./store/...
	go test -tags real -run '$(ON_SERVER)' -count 1 -timeout 30m ./cmd/mfabot

# What test-real does on Dovecot and test-imap on the others: the office, the story and the kills.
OTHER_IMAP = ^TestReal(Story|Kills)?$$/^(Courier|Cyrus)

# The scripts on PostgreSQL, which start the program as often as PROGRAM does.
ON_SERVER = ^TestRealPostgreSQLScripts$$

# On each of the two.
test-imap: KILLS = 50
test-imap: ## Courier and Cyrus in Dovecot's place, which it unpacks where missing
	sh cmd/mfabot/internal/post/install-servers.sh
	sh cmd/mfabot/internal/post/unpack-servers.sh
	KILLS=$(KILLS) go test -race -tags real -run '$(OTHER_IMAP)' -count 1 -timeout 30m ./cmd/mfabot ./cmd/mfabot/internal/post

# How many runs of the simulation, each from a seed of its own, beginning with FROM; SEED=n shows one of them.
SEEDS = 10000
FROM  = 1

simulate: ## the bot in simulated surroundings in which everything fails
	SEEDS=$(SEEDS) FROM=$(FROM) SEED=$(SEED) go test -run '^TestSimulation$$' -count 1 -timeout 24h -v ./cmd/mfabot

simulate-broken: ## breaks one rule after the other, and expects the simulation to find it
	BROKEN=$(SEEDS) go test -run '^TestBrokenRules$$' -count 1 -timeout 24h -v ./cmd/mfabot

# How many inputs each fuzz target tries; a duration such as 60s is taken as well.
FUZZTIME = 20000x

fuzz: ## every fuzz target for a while
	@grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -rhoE --include='*_test.go' '^func Fuzz[A-Za-z0-9]+' $$dir | cut -c6-); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$dir || exit 1; \
		done; \
	done

lint: house
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "not formatted: run gofmt -w ."; exit 1; }
	go mod tidy -diff
	go vet ./...
	go vet -tags real ./...
	go run $(STATICCHECK) -tags real ./...
	go run $(GOLANGCI_LINT) run --build-tags real ./...
	for module in $(MODULES); do \
		(cd $$module && go mod tidy -diff && go vet ./... && go run $(GOLANGCI_LINT) run ./...) || exit 1; \
	done
	@# The database of govulncheck is on the network: where it is out of reach that is said, and no fault.
	@said=$$(go run $(GOVULNCHECK) ./... 2>&1) || case $$said in \
		*"govulncheck: fetching vulnerabilities: "*) printf '%s\n' "$$said" | sed -n 's/^govulncheck: /known vulnerabilities are not looked for: /p' ;; \
		*) printf '%s\n' "$$said"; exit 1 ;; \
	esac

house: ## the sizes and the import map, and what breaks them
	@cd house && go run .

bench: bench-lists bench-drain ## the benchmarks, the parser beside others that read mail, the lists of a large register, a backlog, and a soak under load
	go test -run '^$$' -bench . -skip '^Benchmark(Soak|Lists|Rounds)$$' -benchmem ./...
	@# A module of its own, so that what mfabot is measured against is no dependency of it; -mod=mod as it follows mfabot's go.mod.
	cd parser/bench && go run -mod=mod .
	go test -run '^$$' -bench '^BenchmarkSoak$$' -benchtime 1x ./cmd/mfabot

# Where the register is kept for the next time; it takes minutes to make, and 2 GB. Empty: it is not kept.
REGISTER =

bench-lists: ## every list and find of 1.5 million exceptions, and every duty of the bot: what each takes
	@dir='$(REGISTER)'; test -n "$$dir" || { dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT; }; set -x; \
	REGISTER=$$dir go test -run '^$$' -bench '^Benchmark(Lists|Rounds)$$' -benchtime 1x -timeout 2h ./cmd/mfabot

# How many messages of 5 KB and of 200 KB are drained, how many arrive, and how many letters go out. PROFILE names
# a folder for profiles of the drain.
SMALL    = 10000
LARGE    = 2000
ARRIVALS = 500
LETTERS  = 5000
PROFILE  =

bench-drain: ## a backlog drained beside mbsync and what its parts cost alone, how soon a message is answered, and letters beside go-mail
	sh cmd/mfabot/internal/post/install-servers.sh
	SMALL=$(SMALL) LARGE=$(LARGE) ARRIVALS=$(ARRIVALS) LETTERS=$(LETTERS) PROFILE='$(abspath $(PROFILE))' \
		go test -tags real -run '^$$' -bench '^Benchmark(Drain|Arrival|Outbound)$$' -benchtime 1x -timeout 2h ./cmd/mfabot

clean:
	rm -rf bin
