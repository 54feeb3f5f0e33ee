package post

import (
	"context"
	"net"
	"sync"
)

// door is a listener whose connections can be closed together and waited for, which neither server can do by
// itself.
type door struct {
	net.Listener
	open sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool
}

func openDoor(ctx context.Context) (*door, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &door{Listener: l, conns: make(map[net.Conn]bool)}, nil
}

// Accept waits for the next connection.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	d.conns[conn] = true
	d.open.Add(1)
	return &doorConn{Conn: conn, leave: sync.OnceFunc(func() {
		d.mu.Lock()
		delete(d.conns, conn)
		d.mu.Unlock()
		d.open.Done()
	})}, nil
}

// shut closes the listener and its connections, and waits until the server is done with each.
func (d *door) shut() error {
	err := d.Listener.Close()
	d.mu.Lock()
	d.closed = true
	for conn := range d.conns {
		_ = conn.Close()
	}
	d.mu.Unlock()
	d.open.Wait()
	return err
}

// cut closes the connections that there are.
func (d *door) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for conn := range d.conns {
		_ = conn.Close()
	}
}

// doorConn is a connection that the server closes when its goroutine is done with it.
type doorConn struct {
	net.Conn
	leave func()
}

// Close closes the connection and tells the door.
func (c *doorConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
