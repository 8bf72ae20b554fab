"""Our models of the AWS services that carry work between functions: queues, streams, schedules, routes."""
