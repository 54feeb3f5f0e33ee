-- +goose Up

-- What the operator was asked to do by hand. There are few of them, among all that the directory ever was told.
CREATE INDEX action_asked ON action (id) WHERE state = 'asked';
