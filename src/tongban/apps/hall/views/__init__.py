"""Pages of the hall: of citizens, of the queue, of the kiosk, of the staff, of who looks after it."""
