"""AWS's list prices that the estimates use: US East (N. Virginia), on demand, in US dollars, as of 2025-11.

Written down from AWS's public price pages, whose addresses stand beside them; they are compared with nothing when the
benchmark runs, and free tiers are left out. Other regions and later dates differ: put your own numbers here.
"""

from __future__ import annotations

AS_OF = "list prices of us-east-1, 2025-11, from AWS's public price pages; checked against nothing here, free tiers left out"

MILLION = 1_000_000

# aws.amazon.com/dynamodb/pricing/on-demand
WRITE_UNITS = 0.625 / MILLION
READ_UNITS = 0.125 / MILLION
WRITE_UNITS_NAME = "$0.625 per million write units (on demand); " + AS_OF
# aws.amazon.com/sqs/pricing (standard queues, each 64 KB)
SQS_REQUESTS = 0.40 / MILLION
# aws.amazon.com/lambda/pricing (arm64)
LAMBDA_REQUESTS = 0.20 / MILLION
LAMBDA_GB_SECONDS = 0.0000133334
# aws.amazon.com/api-gateway/pricing (HTTP APIs)
API_REQUESTS = 1.00 / MILLION
# aws.amazon.com/s3/pricing (Standard)
S3_PUTS = 0.005 / 1000
S3_GETS = 0.0004 / 1000
# aws.amazon.com/cloudwatch/pricing
LOGS_GB = 0.50
ALARMS = 0.10
FREE_ALARMS = 10
CUSTOM_METRICS = 0.30
# aws.amazon.com/eventbridge/pricing (Scheduler)
SCHEDULER_INVOCATIONS = 1.00 / MILLION
# aws.amazon.com/ses/pricing, aws.amazon.com/sns/pricing
MAILS = 0.10 / 1000

MINUTES_A_MONTH = 30 * 24 * 60
# An idle SQS source: Lambda keeps five long polls of 20 seconds open (AWS's documentation of SQS event sources).
IDLE_POLLS_A_MINUTE = 15
# With a maximum concurrency set, two pollers wait.
IDLE_POLLS_A_MINUTE_LIMITED = 6
