"""Who did it: visits, the people in them, and the events that go to the cloud. Pure."""
