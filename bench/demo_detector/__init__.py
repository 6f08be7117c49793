"""How the weights of the demo's detector were made: scenes rendered, a network trained on them, and measured."""
