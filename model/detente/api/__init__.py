"""What a library user holds: functions to simulate, load and compare, and the class ``Run``."""
