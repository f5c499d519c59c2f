"""Pages about people stay out of every cache."""


class PrivatePages:
    """Mark each answer given to a signed-in person as not to be stored by browser or proxy."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        return response
