"""The words of the project as types; knows nothing but itself."""
