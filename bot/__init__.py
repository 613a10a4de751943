"""A message in, a reply out; the only place that knows WeChat."""
