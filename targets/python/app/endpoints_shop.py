"""The endpoints of the shop, which this application does not have yet."""

from benchtop_table import ENDPOINTS, Refused


def absent(path):
    def handle(**_):
        raise Refused(501, "%s needs the service cache, which this target does not have" % path)

    return handle


for path in ("/user", "/users", "/items", "/report", "/slow", "/order", "/broken", "/update", "/cached", "/invalidate", "/fill"):
    ENDPOINTS[path].in_pool = absent(path)
