"""A predictor as a program: answers in JSON Lines, rightly or in one of several wrong ways."""

import json
import sys
import time


def main(way):
    seen = []
    for line in sys.stdin:
        question = json.loads(line)
        if "reset" in question:
            seen = []
            continue
        inputs = question.get("inputs") or [question["input"]]
        seen = inputs if "inputs" in question else seen + inputs
        said = [*range(3), seen[0]][: len(seen)]
        answer = {"outputs": said} if "inputs" in question else {"output": said[-1]}
        if way == "slow":
            time.sleep(60)
        if way == "leaves":
            sys.exit(3)
        said = {"no_json": "hello", "other": '{"result": 1}', "short": '{"outputs": [0]}'}.get(way)
        sys.stdout.write((said or json.dumps(answer)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
