module crooked/nested

go 1.26
