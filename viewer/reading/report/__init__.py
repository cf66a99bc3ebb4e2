"""What a report says, and the forms that it takes: page, PDF, plain text."""
