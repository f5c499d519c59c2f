"""How products, routes and plans are named on pages."""

from django import template

from regimens import words

register = template.Library()
register.filter("product_name", words.product)
register.filter("route_name", words.route)
register.filter("maintenance_words", words.maintenance)
register.filter("loading_words", words.loading)
register.filter("check_name", words.check)
register.filter("code_message", words.code)
register.filter("status_word", lambda status: words.STATUSES[status][0])
register.filter("status_tone", lambda status: words.STATUSES[status][1])
