-- +goose Up

-- Times are seconds since 1970 in UTC; 0 stands for none.

CREATE TABLE instance (
	id TEXT NOT NULL PRIMARY KEY -- marks the mail that this installation sends
);

CREATE TABLE counter (
	name  TEXT   NOT NULL PRIMARY KEY, -- LT-2026
	value BIGINT NOT NULL
);

CREATE TABLE inbound (
	id           INTEGER PRIMARY KEY,
	mailbox      TEXT    NOT NULL,
	uidvalidity  BIGINT  NOT NULL,
	uid          BIGINT  NOT NULL,
	digest       TEXT    NOT NULL,
	message_id   TEXT    NOT NULL,
	from_address TEXT    NOT NULL,
	subject      TEXT    NOT NULL,
	size         BIGINT  NOT NULL,
	header_only  BOOLEAN NOT NULL,
	received_at  BIGINT  NOT NULL,
	checks       TEXT    NOT NULL, -- JSON, how the sender was judged
	outcome      TEXT    NOT NULL,
	reason       TEXT    NOT NULL,
	ref          TEXT    NOT NULL,
	folder       TEXT    NOT NULL,
	filed_at     BIGINT  NOT NULL,
	UNIQUE (mailbox, uidvalidity, uid)
);
CREATE INDEX inbound_digest     ON inbound (digest);
CREATE INDEX inbound_message_id ON inbound (message_id);
CREATE INDEX inbound_unfiled    ON inbound (mailbox, uidvalidity, uid) WHERE filed_at = 0;

CREATE TABLE raw_message (
	inbound_id BIGINT NOT NULL PRIMARY KEY REFERENCES inbound (id),
	content    BLOB   NOT NULL -- zstd
);

CREATE TABLE request (
	ref           TEXT   NOT NULL PRIMARY KEY,
	state         TEXT   NOT NULL,
	version       BIGINT NOT NULL,
	subject_email TEXT   NOT NULL,
	subject_name  TEXT   NOT NULL,
	site_code     TEXT   NOT NULL,
	site_address  TEXT   NOT NULL,
	reason        TEXT   NOT NULL,
	justification TEXT   NOT NULL,
	auth_method   TEXT   NOT NULL,
	requested_by  TEXT   NOT NULL,
	senders       TEXT   NOT NULL, -- one a line
	received_at   BIGINT NOT NULL,
	waiting_since BIGINT NOT NULL,
	lapses_at     BIGINT NOT NULL,
	renews        TEXT   NOT NULL,
	digest        TEXT   NOT NULL,
	inbound_id    BIGINT NOT NULL REFERENCES inbound (id)
);
CREATE INDEX request_inbound ON request (inbound_id);
CREATE INDEX request_open    ON request (state, waiting_since);
CREATE INDEX request_of_site ON request (site_code, subject_email) WHERE state IN ('incomplete', 'pending', 'needs-info');
CREATE INDEX request_lapsing ON request (lapses_at) WHERE lapses_at > 0;

CREATE TABLE evidence (
	id            INTEGER PRIMARY KEY,
	ref           TEXT    NOT NULL REFERENCES request (ref),
	inbound_id    BIGINT  NOT NULL REFERENCES inbound (id),
	part          TEXT    NOT NULL,
	filename      TEXT    NOT NULL,
	media_type    TEXT    NOT NULL,
	declared_type TEXT    NOT NULL,
	size          BIGINT  NOT NULL,
	sha256        TEXT    NOT NULL,
	counts        BOOLEAN NOT NULL,
	why           TEXT    NOT NULL,
	UNIQUE (ref, inbound_id, part)
);

CREATE INDEX evidence_sha256 ON evidence (sha256);

CREATE TABLE review (
	id         INTEGER PRIMARY KEY,
	ref        TEXT   NOT NULL REFERENCES request (ref),
	reviewer   TEXT   NOT NULL,
	purpose    TEXT   NOT NULL,
	token_hash TEXT   NOT NULL UNIQUE,
	digest     TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	void_at    BIGINT NOT NULL,
	decision   TEXT   NOT NULL,
	text       TEXT   NOT NULL,
	decided_at BIGINT NOT NULL
);
CREATE INDEX review_ref ON review (ref);

CREATE TABLE exception (
	ref            TEXT   NOT NULL PRIMARY KEY,
	category       TEXT   NOT NULL,
	state          TEXT   NOT NULL,
	subject_email  TEXT   NOT NULL,
	subject_name   TEXT   NOT NULL,
	site_code      TEXT   NOT NULL,
	site_address   TEXT   NOT NULL,
	reason         TEXT   NOT NULL,
	note           TEXT   NOT NULL,
	granted_by     TEXT   NOT NULL,
	starts_at      BIGINT NOT NULL,
	ends_at        BIGINT NOT NULL,
	next_notice_at BIGINT NOT NULL,
	closed_at      BIGINT NOT NULL
);
CREATE INDEX exception_due    ON exception (next_notice_at) WHERE state = 'active';
CREATE INDEX exception_active ON exception (subject_email) WHERE state = 'active';

CREATE TABLE audit (
	id    INTEGER PRIMARY KEY,
	ref   TEXT   NOT NULL,
	at    BIGINT NOT NULL,
	event TEXT   NOT NULL,
	by    TEXT   NOT NULL,
	text  TEXT   NOT NULL
);
CREATE INDEX audit_ref ON audit (ref);

CREATE TABLE outbound (
	id          INTEGER PRIMARY KEY,
	message_id  TEXT   NOT NULL UNIQUE,
	ref         TEXT   NOT NULL,
	template    TEXT   NOT NULL,
	why         TEXT   NOT NULL,
	recipient   TEXT   NOT NULL,
	answers_to  TEXT   NOT NULL,
	thread      TEXT   NOT NULL, -- JSON, the References
	facts       TEXT   NOT NULL, -- JSON
	attach      TEXT   NOT NULL, -- JSON
	answer      BOOLEAN NOT NULL, -- counts towards the daily limit
	state       TEXT   NOT NULL,
	attempts    BIGINT NOT NULL,
	created_at  BIGINT NOT NULL,
	due_at      BIGINT NOT NULL,
	tried_at    BIGINT NOT NULL,
	sent_at     BIGINT NOT NULL,
	bounced_at  BIGINT NOT NULL,
	last_error  TEXT   NOT NULL
);
CREATE INDEX outbound_due          ON outbound (due_at, id) WHERE state = 'queued';
CREATE INDEX outbound_conversation ON outbound (ref, recipient);
CREATE INDEX outbound_recipient    ON outbound (recipient, created_at);
