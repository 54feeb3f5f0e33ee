package main

import (
	"time"

	"mfabot/cmd/mfabot/internal/demo"
)

// The people of the demonstration are those of the tests.
const (
	service    = demo.Service
	operations = demo.Operations
	asha       = demo.Asha
	ben        = demo.Ben
	cleo       = demo.Cleo
	pharmacy   = demo.Pharmacy
	dentist    = demo.Dentist
	careHome   = demo.CareHome
	optician   = demo.Optician
	sam        = demo.Sam
	rosa       = demo.Rosa
	tom        = demo.Tom
	nia        = demo.Nia
)

// patience is how long a mail server may take to deliver a message.
const patience = 30 * time.Second
