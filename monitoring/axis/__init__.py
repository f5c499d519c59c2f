"""One patient's story on one axis of time: where each mark stands, what it says, and how the page draws it.

`span` and `scale` are pure geometry; `kinds` names the lanes and their marks; `happened`, `to_come` and `measured`
read what is drawn; `page` puts it together.
"""
