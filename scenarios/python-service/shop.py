"""A shop that asks another service what its products cost.

PORT        where it listens
PRICES_URL  the other service
CLIENT      "careful": it waits 300 ms, and then shows the price that it knows
            "careless": requests.get as it is, which waits for ever
"""

import logging
import os

import requests
from flask import Flask, jsonify

careful = os.environ["CLIENT"] == "careful"
# By default requests waits for ever, for a connection as well as for an answer.
limits = {"timeout": (0.3, 0.3)} if careful else {}
known = {}
app = Flask(__name__)
logging.getLogger("werkzeug").setLevel(logging.WARNING)


def asked(product):
    answer = requests.get(f"{os.environ['PRICES_URL']}/{product}", **limits)
    answer.raise_for_status()
    return answer.json()["price"]


@app.get("/products/<product>")
def show(product):
    try:
        known[product] = asked(product)
    except requests.RequestException as error:
        if not careful or product not in known:
            return jsonify(error=type(error).__name__), 503
        return jsonify(price=known[product]), 200, {"x-price": "kept"}
    return jsonify(price=known[product])


@app.get("/health")
def health():
    return "ok"


app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
