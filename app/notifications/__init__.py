"""Events told to people: on the page, by mail or to a webhook of their own, each as they chose."""
