"""What all tests share."""

import hypothesis

hypothesis.settings.register_profile("calm", deadline=None)  # the machine is shared: a slow example is no failure
hypothesis.settings.load_profile("calm")
