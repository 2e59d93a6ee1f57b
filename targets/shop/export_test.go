package shop

// Close ends the connections, which otherwise end with the process. Those that leaked are waited for.
func (s *Shop) Close() {
	if s.db != nil && s.db.pool != nil {
		s.db.pool.Close()
	}
	if s.cache != nil && s.cache.service != nil {
		_ = s.cache.service.Close()
	}
}
