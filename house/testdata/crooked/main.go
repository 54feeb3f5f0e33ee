package main

import "crooked/crowded"

func main() { crowded.AtMost() }
