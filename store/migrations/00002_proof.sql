-- +goose Up

-- Each check that was made on a message, as an object.
UPDATE inbound SET checks = (
	SELECT json_group_array(json_object('check', 'sender', 'passed', json('false'), 'result', value)) FROM json_each(inbound.checks)
) WHERE checks NOT IN ('null', '[]');

ALTER TABLE review ADD COLUMN seed TEXT NOT NULL DEFAULT ''; -- what the code is made of, together with the key that is kept elsewhere
