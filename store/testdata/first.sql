PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-22 13:16:42');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-22 13:16:42');
CREATE TABLE instance (
	id TEXT NOT NULL PRIMARY KEY -- marks the mail that this installation sends
);
INSERT INTO instance VALUES('0123456789abcdef');
CREATE TABLE counter (
	name  TEXT   NOT NULL PRIMARY KEY, -- LT-2026
	value BIGINT NOT NULL
);
INSERT INTO counter VALUES('LT-2026',2);
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
INSERT INTO inbound VALUES(1,'helpdesk',7,1,'digest of LT-2026-00001','LT-2026-00001@corner.test','pharmacy@corner.test','About LT-2026-00001',13,0,1772452800,'["dkim: pass"]','request','','LT-2026-00001','Processed',0);
INSERT INTO inbound VALUES(2,'helpdesk',7,2,'digest of LT-2026-00002','LT-2026-00002@corner.test','pharmacy@corner.test','About LT-2026-00002',13,0,1772452800,'["dkim: pass"]','request','','LT-2026-00002','Processed',1772452800);
CREATE TABLE raw_message (
	inbound_id BIGINT NOT NULL PRIMARY KEY REFERENCES inbound (id),
	content    BLOB   NOT NULL -- zstd
);
INSERT INTO raw_message VALUES(1,X'28b52ffd04006900004c542d323032362d3030303031fdc2c91f');
INSERT INTO raw_message VALUES(2,X'28b52ffd04006900004c542d323032362d3030303032fdec1b89');
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
INSERT INTO request VALUES('LT-2026-00001','pending',1,'sam@corner.test','Sam Lee','FA001','pharmacy@corner.test','accessibility','a tremor','yes','pharmacy@corner.test',replace('jo@corner.test\npat@corner.test','\n',char(10)),1772452800,1772452860,1772456400,'LT-2025-00001','of the request',1);
INSERT INTO request VALUES('LT-2026-00002','pending',1,'sam@corner.test','Sam Lee','FA001','pharmacy@corner.test','accessibility','a tremor','yes','pharmacy@corner.test',replace('jo@corner.test\npat@corner.test','\n',char(10)),1772452800,1772452860,1772456400,'LT-2025-00001','of the request',2);
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
INSERT INTO evidence VALUES(1,'LT-2026-00001',1,'2','letter 2.pdf','application/pdf','application/octet-stream',1234,'sha of 2',1,'a PDF');
INSERT INTO evidence VALUES(2,'LT-2026-00002',2,'2','letter 2.pdf','application/pdf','application/octet-stream',1234,'sha of 2',1,'a PDF');
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
INSERT INTO review VALUES(1,'LT-2026-00001','asha@helpdesk.test','decide','hash','d',1772452800,0,'approve','',1772452800);
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
INSERT INTO exception VALUES('LT-2026-00001','long','active','sam@corner.test','Sam Lee','FA001','pharmacy@corner.test','accessibility','by telephone','Asha Patel',1772452800,1788004800,1785412800,0);
CREATE TABLE audit (
	id    INTEGER PRIMARY KEY,
	ref   TEXT   NOT NULL,
	at    BIGINT NOT NULL,
	event TEXT   NOT NULL,
	by    TEXT   NOT NULL,
	text  TEXT   NOT NULL
);
INSERT INTO audit VALUES(1,'LT-2026-00001',1772452800,'approve','asha@helpdesk.test','');
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
INSERT INTO outbound VALUES(1,'1@h','LT-2026-00001','receipt','','pharmacy@corner.test','first@corner.test','["first@corner.test"]','{"audience":"site","subject":{"email":"sam@corner.test"},"received_at":"2026-03-02T12:00:00Z"}','[{"inbound_id":1,"part":"2","filename":"letter.pdf","media_type":"application/pdf"}]',0,'queued',0,1772452800,1772452800,0,0,0,'');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',2);
CREATE INDEX inbound_digest     ON inbound (digest);
CREATE INDEX inbound_message_id ON inbound (message_id);
CREATE INDEX inbound_unfiled    ON inbound (mailbox, uidvalidity, uid) WHERE filed_at = 0;
CREATE INDEX request_inbound ON request (inbound_id);
CREATE INDEX request_open    ON request (state, waiting_since);
CREATE INDEX request_of_site ON request (site_code, subject_email) WHERE state IN ('incomplete', 'pending', 'needs-info');
CREATE INDEX request_lapsing ON request (lapses_at) WHERE lapses_at > 0;
CREATE INDEX evidence_sha256 ON evidence (sha256);
CREATE INDEX review_ref ON review (ref);
CREATE INDEX exception_due    ON exception (next_notice_at) WHERE state = 'active';
CREATE INDEX exception_active ON exception (subject_email) WHERE state = 'active';
CREATE INDEX audit_ref ON audit (ref);
CREATE INDEX outbound_due          ON outbound (due_at, id) WHERE state = 'queued';
CREATE INDEX outbound_conversation ON outbound (ref, recipient);
CREATE INDEX outbound_recipient    ON outbound (recipient, created_at);
COMMIT;
