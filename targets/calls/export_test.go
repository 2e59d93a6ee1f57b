package calls

// Close ends the idle connections, which otherwise end with the process.
func (c *Caller) Close() {
	if c.client != nil {
		c.client.CloseIdleConnections()
	}
}
