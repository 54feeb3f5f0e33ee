module sound

go 1.26
