"""The only place that knows AWS. Everything on botocore clients: boto3's resource layer costs a cold start and is not used."""
