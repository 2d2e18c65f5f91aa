"""From definitions to the forms that executors run: each module is named by its end, and none knows another."""
