// Command toxiproxy runs toxiproxy, through which tests of the bot reach their
// servers when the network is in trouble. It prints the address of its HTTP API, on
// a free port of loopback, and ends when its standard input does, so that it never
// outlives who started it.
//
// It is a module of its own, so that toxiproxy is no dependency of mfabot.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

func main() {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	zerolog.SetGlobalLevel(zerolog.Disabled)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	go func() { log.Fatal(http.Serve(listener, server.Routes())) }()
	fmt.Println(listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}
