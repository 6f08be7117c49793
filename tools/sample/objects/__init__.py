"""What stands in a scene: each object a model that draws itself."""
