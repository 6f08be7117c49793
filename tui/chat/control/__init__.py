"""What turns actions into requests and reports into what is shown, one family each."""
