"""The explainer: features of one trace, the language of its sentences, the decoder, and the check of what it says."""
