"""What runs on Spark, and so needs Java: `make spark`, and every run of continuous integration."""
