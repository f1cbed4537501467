import '../call/call-app.js';
