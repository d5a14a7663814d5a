"""Looking into files that strangers made, and making others of them, in processes of their own."""
